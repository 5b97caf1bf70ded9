package dev.dormouse.datastore;

/**
 * SipHash-1-3: a hash whose collisions cannot be made without the key.
 *
 * <p>Source: Aumasson, Bernstein, "SipHash: a fast short-input PRF".
 */
final class KeyedHash {
  private final long key0;
  private final long key1;

  KeyedHash(long secret) {
    key0 = secret;
    key1 = Long.rotateLeft(secret * 0x9e3779b97f4a7c15L, 32) ^ 0xd1b54a32d192ed03L;
  }

  long hash(byte[] bytes, int offset, int length) {
    long v0 = key0 ^ 0x736f6d6570736575L;
    long v1 = key1 ^ 0x646f72616e646f6dL;
    long v2 = key0 ^ 0x6c7967656e657261L;
    long v3 = key1 ^ 0x7465646279746573L;
    int at = offset;
    int words = length >>> 3;
    for (int i = 0; i <= words; i++) {
      long word;
      if (i < words) {
        word = Words.littleLong(bytes, at);
        at += 8;
      } else {
        word = (long) length << 56;
        for (int j = (length & 7) - 1; j >= 0; j--) {
          word |= (bytes[at + j] & 0xffL) << (8 * j);
        }
      }
      v3 ^= word;
      v0 += v1;
      v2 += v3;
      v1 = Long.rotateLeft(v1, 13) ^ v0;
      v3 = Long.rotateLeft(v3, 16) ^ v2;
      v0 = Long.rotateLeft(v0, 32);
      v2 += v1;
      v0 += v3;
      v1 = Long.rotateLeft(v1, 17) ^ v2;
      v3 = Long.rotateLeft(v3, 21) ^ v0;
      v2 = Long.rotateLeft(v2, 32);
      v0 ^= word;
    }
    v2 ^= 0xff;
    for (int i = 0; i < 3; i++) {
      v0 += v1;
      v2 += v3;
      v1 = Long.rotateLeft(v1, 13) ^ v0;
      v3 = Long.rotateLeft(v3, 16) ^ v2;
      v0 = Long.rotateLeft(v0, 32);
      v2 += v1;
      v0 += v3;
      v1 = Long.rotateLeft(v1, 17) ^ v2;
      v3 = Long.rotateLeft(v3, 21) ^ v0;
      v2 = Long.rotateLeft(v2, 32);
    }
    return v0 ^ v1 ^ v2 ^ v3;
  }

  /** The half of the hash that {@link PointerHash} takes. */
  int tag(byte[] bytes, int offset, int length) {
    return (int) (hash(bytes, offset, length) >>> 32);
  }
}
