package dev.dormouse.auth;

import java.security.PublicKey;
import java.util.Optional;

/**
 * A public key of another issuer.
 *
 * @param id its {@code kid}, if it has one
 * @param algorithm the one algorithm it may verify, by its type: {@code ES256} or {@code RS256}
 * @param key the key
 */
public record IssuerKey(Optional<String> id, String algorithm, PublicKey key) {}
