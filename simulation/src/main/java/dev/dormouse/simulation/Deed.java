package dev.dormouse.simulation;

import dev.dormouse.sats.BsatnWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** A call that somebody makes of an example module. */
sealed interface Deed {
  /** Opens a bank's accounts {@code 0..count}. */
  record Seed(int count, long balance) implements Deed {}

  /** Moves money. */
  record Transfer(int from, int to, long amount) implements Deed {}

  /** Says something, unlike anything else that was said. */
  record Say(String text) implements Deed {}

  /** Takes a name, unlike any other. */
  record Rename(String name) implements Deed {}

  /** Enters somebody into a register, under the next number. */
  record Add(String name) implements Deed {}

  /** The reducer to call. */
  default String function() {
    return switch (this) {
      case Seed ignored -> "seed";
      case Transfer ignored -> "transfer";
      case Say ignored -> "send_message";
      case Rename ignored -> "set_name";
      case Add ignored -> "add";
    };
  }

  /** Whether the module refuses it by an error of its own. */
  default boolean isRefused() {
    return switch (this) {
      case Seed _, Add _ -> false;
      case Transfer(int from, int to, long amount) -> from == to || amount <= 0;
      case Say(String text) -> text.isEmpty();
      case Rename(String name) -> name.isEmpty();
    };
  }

  /**
   * The rows of the main table that it makes, if these are the same whenever it is done; a second
   * time it then changes nothing. Empty if it is unlike anything else and always changes something.
   */
  default Optional<List<Row>> repeatable() {
    return switch (this) {
      case Seed(int count, long balance) ->
          Optional.of(
              IntStream.range(0, count)
                  .mapToObj(id -> new BsatnWriter().writeI32(id).writeI64(balance).toByteArray())
                  .map(bytes -> new Row(bytes, 0, bytes.length))
                  .toList());
      case Transfer _, Say _, Add _, Rename _ -> Optional.empty();
    };
  }

  /** The arguments as JSON. */
  default byte[] json() {
    String text =
        switch (this) {
          case Seed(int count, long balance) -> "[%d, %d]".formatted(count, balance);
          case Transfer(int from, int to, long amount) ->
              "[%d, %d, %d]".formatted(from, to, amount);
          case Say(String said) -> "[\"" + said + "\"]";
          case Rename(String name) -> "[\"" + name + "\"]";
          case Add(String name) -> "[\"" + name + "\"]";
        };
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** The arguments as BSATN. */
  default byte[] bsatn() {
    BsatnWriter writer = new BsatnWriter();
    switch (this) {
      case Seed(int count, long balance) -> writer.writeI32(count).writeI64(balance);
      case Transfer(int from, int to, long amount) ->
          writer.writeI32(from).writeI32(to).writeI64(amount);
      case Say(String said) -> writer.writeString(said);
      case Rename(String name) -> writer.writeString(name);
      case Add(String name) -> writer.writeString(name);
    }
    return writer.toByteArray();
  }
}
