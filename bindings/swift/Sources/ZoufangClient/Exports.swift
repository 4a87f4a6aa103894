// Records, words and errors are generated; who imports the client needs them all.
@_exported import ZoufangBindings
