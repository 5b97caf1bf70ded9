package dev.dormouse.benchmarks.cases;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** Some measurements of the same thing, in any unit. */
final class Samples {
  private final List<Double> values = new ArrayList<>();

  void add(double value) {
    values.add(value);
  }

  int count() {
    return values.size();
  }

  /** The smallest value that at least this part of all does not exceed; needs one value. */
  double quantile(double part) {
    List<Double> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    return sorted.get(Math.max(0, (int) Math.ceil(part * sorted.size()) - 1));
  }

  /** Minimum, median, 90 % and maximum. */
  String text(String unit) {
    return String.format(
        Locale.ROOT,
        "median %.2f %s (min %.2f, p90 %.2f, max %.2f, n %d)",
        quantile(0.5),
        unit,
        quantile(0),
        quantile(0.9),
        quantile(1),
        count());
  }
}
