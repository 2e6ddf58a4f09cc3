/* SHA-256 as a host object of XS, and ES256 (verify.js). What a script passes is checked here. */
#include "mc.xs.h"
#include "verify.h"
#include "xsHost.h"
#include "xsmc.h"

void xs_signed_hash_destructor(void *data) {
    signed_hash_free(data);
}

/* Throws for an object that is not a hash and for one that has given its digest. */
static signed_hash *hash_of(xsMachine *the) {
    signed_hash *hash = xsmcGetHostDataValidate(xsThis, (void *)xs_signed_hash_destructor);

    if (!hash)
        xsUnknownError("closed");
    return hash;
}

void xs_signed_hash(xsMachine *the) {
    signed_hash *hash = signed_hash_new();

    if (!hash)
        xsUnknownError("no memory");
    xsmcSetHostData(xsThis, hash);
}

/* (bytes) */
void xs_signed_hash_update(xsMachine *the) {
    signed_hash *hash = hash_of(the);
    void *bytes;
    xsUnsignedValue length;

    xsmcGetBufferReadable(xsArg(0), &bytes, &length);
    if (!signed_hash_update(hash, bytes, length))
        xsUnknownError("hash");
}

void xs_signed_hash_digest(xsMachine *the) {
    uint8_t digest[SIGNED_DIGEST];
    bool good = signed_hash_finish(hash_of(the), digest);

    signed_hash_free(hash_of(the));
    xsmcSetHostData(xsThis, NULL);
    if (!good)
        xsUnknownError("hash");
    xsmcSetArrayBuffer(xsResult, digest, SIGNED_DIGEST);
}

/* (key, message, signature); nothing is allocated on the XS heap while their bytes are looked at. */
void xs_signed_verify(xsMachine *the) {
    void *key, *message, *signature;
    xsUnsignedValue key_length, message_length, signature_length;

    xsmcGetBufferReadable(xsArg(0), &key, &key_length);
    xsmcGetBufferReadable(xsArg(1), &message, &message_length);
    xsmcGetBufferReadable(xsArg(2), &signature, &signature_length);
    xsmcSetBoolean(xsResult, signed_verify(key, key_length, message, message_length, signature, signature_length));
}
