package dev.dormouse.server;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** What a listen address means. */
final class Hosts {
  private Hosts() {}

  /** The address as a client on this machine would write it. */
  static String forUrl(String host) {
    return switch (host) {
      case "0.0.0.0" -> "127.0.0.1";
      case "::", "[::]" -> "[::1]";
      default -> host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
    };
  }

  /** Whether only this machine can reach it. A name that does not resolve is taken as wider. */
  static boolean isLoopback(String host) {
    try {
      return Arrays.stream(InetAddress.getAllByName(host)).allMatch(InetAddress::isLoopbackAddress);
    } catch (UnknownHostException unknown) {
      return false;
    }
  }
}
