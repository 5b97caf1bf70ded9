package dev.dormouse.auth;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * Which addresses requests made for strangers may reach. Whoever names a host chooses where this
 * process connects to: inside a network that is a way around its walls.
 */
@FunctionalInterface
public interface AddressFilter {
  /** Whether a connection may be made. */
  boolean allows(InetAddress address);

  /** Every address: where only friends can name hosts. */
  static AddressFilter any() {
    return address -> true;
  }

  /** Addresses of the public internet. Source: IANA special-purpose address registries. */
  static AddressFilter publicOnly() {
    return AddressFilter::isPublic;
  }

  private static boolean isPublic(InetAddress address) {
    if (address.isAnyLocalAddress()
        || address.isLoopbackAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress()) {
      return false;
    }
    return switch (address) {
      case Inet4Address four -> isPublic4(four.getAddress());
      case Inet6Address six -> isPublic6(six.getAddress());
      default -> false;
    };
  }

  private static boolean isPublic4(byte[] bytes) {
    int a = bytes[0] & 0xff;
    int b = bytes[1] & 0xff;
    int c = bytes[2] & 0xff;
    boolean carrierGrade = a == 100 && b >= 64 && b < 128;
    boolean protocols = a == 192 && b == 0 && (c == 0 || c == 2);
    boolean benchmarks = a == 198 && (b == 18 || b == 19);
    boolean documentation = (a == 198 && b == 51 && c == 100) || (a == 203 && b == 0 && c == 113);
    return a != 0 && a < 224 && !carrierGrade && !protocols && !benchmarks && !documentation;
  }

  private static boolean isPublic6(byte[] bytes) {
    boolean global = (bytes[0] & 0xe0) == 0x20; // 2000::/3
    boolean sixToFour = bytes[0] == 0x20 && bytes[1] == 0x02; // 2002::/16 carries an IPv4 address
    boolean special = bytes[0] == 0x20 && bytes[1] == 0x01 && (bytes[2] & 0xfe) == 0; // 2001::/23
    boolean documentation =
        bytes[0] == 0x20
            && bytes[1] == 0x01
            && bytes[2] == 0x0d
            && (bytes[3] & 0xff) == 0xb8; // 2001:db8::/32
    return isTranslated(bytes)
        ? isPublic(translated(bytes))
        : global && !sixToFour && !special && !documentation;
  }

  /** 64:ff9b::/96: an IPv4 address behind a translator. */
  private static boolean isTranslated(byte[] bytes) {
    byte[] prefix = {0, 0x64, (byte) 0xff, (byte) 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};
    return Arrays.equals(bytes, 0, 12, prefix, 0, 12);
  }

  private static InetAddress translated(byte[] bytes) {
    try {
      return InetAddress.getByAddress(Arrays.copyOfRange(bytes, 12, 16));
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException("four bytes are an address", impossible);
    }
  }
}
