package dev.dormouse.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.List;

/**
 * What is checked before anything is started, and (run from source by {@code ./dormouse}) before
 * anything is built: the options, both ports, the data folder.
 *
 * <p>JDK only, like all it uses.
 */
final class Preflight {
  private Preflight() {}

  /** Ends with 1 and a text on stderr if {@code up} with these options could not start. */
  public static void main(String[] arguments) {
    try {
      check(StartOptions.parse(List.of(arguments)));
    } catch (StartRefused refused) {
      System.err.println("dormouse: " + refused.getMessage());
      System.exit(1);
    }
  }

  /** Takes and gives back everything a start needs. */
  static void check(StartOptions options) throws StartRefused {
    // The folder first: a second `up` in one place is told about the process, not about its port.
    try (var _ = DataFolder.open(options.data())) {
      port(options.host(), options.port(), "--port");
      port(options.managementHost(), options.managementPort(), "--management-port");
    } catch (IOException e) {
      throw new StartRefused("data folder %s cannot be unlocked: %s".formatted(options.data(), e));
    }
  }

  private static void port(String host, int port, String option) throws StartRefused {
    if (port == 0) {
      return;
    }
    InetAddress address;
    try {
      address = InetAddress.getAllByName(host)[0];
    } catch (UnknownHostException unknown) {
      throw new StartRefused("`--host %s` is not an address of this machine".formatted(host));
    }
    try (var socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(address, port));
    } catch (IOException taken) {
      throw new StartRefused(
          Processes.listener(port)
              .map(
                  pid ->
                      "port %d on %s is in use by %s. Stop that process, or choose another port with %s N (0 takes any free one)."
                          .formatted(port, host, Processes.describe(pid), option))
              .orElseGet(
                  () ->
                      "port %d on %s cannot be opened (%s). Choose another one with %s N (0 takes any free one)."
                          .formatted(port, host, taken.getMessage(), option)));
    }
  }
}
