// OpenSSL's libcrypto, as far as a device key in software needs it.
#pragma once
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
