package dev.dormouse.sats.module;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Words of a name, and names of words. Source: spec data-model §7.3, vectors abi-names.
 *
 * <p>The unit is the extended grapheme cluster. Whether one is upper or lower is asked of its case
 * mappings, not of Unicode properties, so letters without case are neither.
 */
final class CaseConversion {
  private static final Pattern CLUSTER = Pattern.compile("\\X");

  private CaseConversion() {}

  static String snake(String name) {
    return String.join("_", words(name).stream().map(w -> w.toLowerCase(Locale.ROOT)).toList());
  }

  static String camel(String name) {
    List<String> words = words(name);
    StringBuilder camel = new StringBuilder(name.length());
    for (int i = 0; i < words.size(); i++) {
      camel.append(i == 0 ? words.get(i).toLowerCase(Locale.ROOT) : capitalised(words.get(i)));
    }
    return camel.toString();
  }

  static String pascal(String name) {
    StringBuilder pascal = new StringBuilder(name.length());
    words(name).forEach(word -> pascal.append(capitalised(word)));
    return pascal.toString();
  }

  private static String capitalised(String word) {
    int first = word.offsetByCodePoints(0, 1);
    return word.substring(0, first).toUpperCase(Locale.ROOT)
        + word.substring(first).toLowerCase(Locale.ROOT);
  }

  /** The words of a name; none of them is empty. */
  static List<String> words(String name) {
    List<String> units = units(name);
    List<Kind> kinds = units.stream().map(Kind::of).toList();
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    for (int i = 0; i < units.size(); i++) {
      if (kinds.get(i) == Kind.SEPARATOR) {
        flush(word, words);
        continue;
      }
      if (i > 0 && isBoundary(kinds, i)) {
        flush(word, words);
      }
      word.append(units.get(i));
    }
    flush(word, words);
    return words;
  }

  private static List<String> units(String name) {
    List<String> units = new ArrayList<>(name.length());
    if (isPlain(name)) {
      for (int i = 0; i < name.length(); i++) {
        units.add(name.substring(i, i + 1));
      }
      return units;
    }
    Matcher clusters = CLUSTER.matcher(name);
    while (clusters.find()) {
      units.add(clusters.group());
    }
    return units;
  }

  /** Whether each character is a cluster: ASCII without CR, which is one with a LF behind it. */
  private static boolean isPlain(String name) {
    for (int i = 0; i < name.length(); i++) {
      if (name.charAt(i) >= 0x80 || name.charAt(i) == '\r') {
        return false;
      }
    }
    return true;
  }

  private static boolean isBoundary(List<Kind> kinds, int at) {
    Kind before = kinds.get(at - 1);
    Kind here = kinds.get(at);
    return switch (here) {
      case UPPER ->
          before == Kind.LOWER
              || before == Kind.DIGIT
              || (before == Kind.UPPER && at + 1 < kinds.size() && kinds.get(at + 1) == Kind.LOWER);
      case LOWER -> before == Kind.DIGIT;
      case DIGIT -> before == Kind.UPPER || before == Kind.LOWER;
      case SEPARATOR, OTHER -> false;
    };
  }

  private static void flush(StringBuilder word, List<String> words) {
    if (!word.isEmpty()) {
      words.add(word.toString());
      word.setLength(0);
    }
  }

  private enum Kind {
    UPPER,
    LOWER,
    DIGIT,
    SEPARATOR,
    OTHER;

    static Kind of(String unit) {
      if (unit.length() == 1) {
        char c = unit.charAt(0);
        if (c == '_' || c == '-' || c == ' ') {
          return SEPARATOR;
        }
        if (c >= '0' && c <= '9') {
          return DIGIT;
        }
        if (c >= 'a' && c <= 'z') {
          return LOWER;
        }
        if (c >= 'A' && c <= 'Z') {
          return UPPER;
        }
      }
      String upper = unit.toUpperCase(Locale.ROOT);
      String lower = unit.toLowerCase(Locale.ROOT);
      if (upper.equals(lower)) {
        return OTHER;
      }
      if (unit.equals(upper)) {
        return UPPER;
      }
      return unit.equals(lower) ? LOWER : OTHER;
    }
  }
}
