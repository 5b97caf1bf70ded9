package dev.dormouse.benchmarks.load;

import java.io.IOException;

/** The command. Status 0: every call got its one result; 1: not so; 2: it could not run. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) throws InterruptedException {
    System.exit(run(arguments));
  }

  private static int run(String... arguments) throws InterruptedException {
    if (arguments.length == 1 && arguments[0].equals("--help")) {
      System.out.print(Options.HELP);
      return 0;
    }
    try {
      Report report = Load.run(Options.parse(arguments));
      System.out.print(report.text());
      return report.sound() ? 0 : 1;
    } catch (IOException | IllegalArgumentException | IllegalStateException e) {
      System.err.println("load: " + e.getMessage());
      return 2;
    }
  }
}
