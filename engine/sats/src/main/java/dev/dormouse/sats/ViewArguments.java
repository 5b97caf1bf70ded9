package dev.dormouse.sats;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.bouncycastle.crypto.digests.Blake3Digest;

/** Which instance of a view arguments and caller make. Source: spec since-2.8 §3.5. */
public final class ViewArguments {
  private static final byte[] DOMAIN =
      "spacetimedb::view::args::v1\0".getBytes(StandardCharsets.US_ASCII);

  private ViewArguments() {}

  /**
   * The {@code arg_hash}: BLAKE3, 32 bytes in hash order, which is also the BSATN form at U256.
   *
   * @param sender the caller, for a view that is not anonymous
   * @param arguments BSATN of the argument product
   */
  public static byte[] hash(Optional<Identity> sender, byte[] arguments) {
    Blake3Digest digest = new Blake3Digest();
    digest.update(DOMAIN, 0, DOMAIN.length);
    sender.ifPresent(identity -> digest.update(identity.toBsatn(), 0, Identity.BYTES));
    digest.update(arguments, 0, arguments.length);
    byte[] hash = new byte[32];
    digest.doFinal(hash, 0);
    return hash;
  }
}
