// Records and words of the field come from the client; a screen needs them all.
@_exported import ZoufangClient
