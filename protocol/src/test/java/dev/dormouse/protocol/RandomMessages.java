package dev.dormouse.protocol;

import dev.dormouse.protocol.ServerMessage.QuerySetUpdate;
import dev.dormouse.protocol.ServerMessage.SetResult;
import dev.dormouse.protocol.ServerMessage.TableRows;
import dev.dormouse.protocol.ServerMessage.TableUpdate;
import dev.dormouse.protocol.ServerMessage.UpdateRows;
import dev.dormouse.sats.BsatnReader;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.Identity;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Messages of every kind from a seed. */
final class RandomMessages {
  private static final List<String> TEXTS =
      List.of("", "user", "player_x", "SELECT * FROM user", "grüß 😀", "lib.items");

  private final Random random;

  RandomMessages(long seed) {
    random = new Random(seed);
  }

  ClientMessage client() {
    return switch (random.nextInt(6)) {
      case 0 -> new ClientMessage.Subscribe(id(), id(), several(this::text));
      case 1 -> new ClientMessage.Unsubscribe(id(), id(), random.nextBoolean());
      case 2 -> new ClientMessage.OneOffQuery(id(), text());
      case 3 -> new ClientMessage.CallReducer(id(), text(), bytes());
      case 4 -> new ClientMessage.CallProcedure(id(), text(), bytes());
      default ->
          new ClientMessage.SubscribeBatch(
              id(), several(() -> new ClientMessage.QuerySet(id(), several(this::text))));
    };
  }

  ServerMessage server() {
    return switch (random.nextInt(9)) {
      case 0 ->
          new ServerMessage.InitialConnection(
              new Identity(
                  random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong()),
              new ConnectionId(random.nextLong(), random.nextLong()),
              text());
      case 1 -> new ServerMessage.SubscribeApplied(id(), id(), several(this::tableRows));
      case 2 ->
          new ServerMessage.UnsubscribeApplied(
              id(),
              id(),
              random.nextBoolean() ? Optional.of(several(this::tableRows)) : Optional.empty());
      case 3 ->
          new ServerMessage.SubscriptionError(
              random.nextBoolean() ? OptionalInt.of(id()) : OptionalInt.empty(), id(), text());
      case 4 -> new ServerMessage.TransactionUpdate(several(this::querySet));
      case 5 ->
          new ServerMessage.OneOffQueryResult(
              id(),
              random.nextBoolean()
                  ? new QueryOutcome.Rows(List.of(tableRows()))
                  : new QueryOutcome.Failed(text()));
      case 6 -> new ServerMessage.ReducerResult(id(), random.nextLong(), outcome());
      case 7 ->
          random.nextBoolean()
              ? new ServerMessage.ProcedureResult(
                  new ProcedureStatus.Returned(bytes()), random.nextLong(), random.nextLong(), id())
              : new ServerMessage.ProcedureResult(new ProcedureStatus.Internal(text()), 0, 0, id());
      default ->
          new ServerMessage.SubscribeBatchApplied(
              id(),
              several(
                  () ->
                      new SetResult(
                          id(),
                          random.nextBoolean()
                              ? new SetOutcome.Applied(several(this::tableRows))
                              : new SetOutcome.Failed(text()))));
    };
  }

  private ReducerOutcome outcome() {
    return switch (random.nextInt(3)) {
      case 0 -> new ReducerOutcome.Ok(bytes(), several(this::querySet));
      case 1 ->
          new ReducerOutcome.Err(ByteSlice.of(new BsatnWriter().writeString(text()).toByteArray()));
      default -> new ReducerOutcome.Internal(text());
    };
  }

  private QuerySetUpdate querySet() {
    // Equal neighbours are one table to the writer, so names within a set differ.
    int tables = random.nextInt(3);
    return new QuerySetUpdate(
        id(),
        IntStream.range(0, tables)
            .mapToObj(
                i ->
                    new TableUpdate(
                        "t" + i + text(), Stream.generate(this::updateRows).limit(2).toList()))
            .toList());
  }

  private UpdateRows updateRows() {
    return random.nextInt(4) == 0
        ? new UpdateRows.Events(rowList())
        : new UpdateRows.Persistent(rowList(), rowList());
  }

  private TableRows tableRows() {
    return new TableRows(text(), rowList());
  }

  RowList rowList() {
    RowListWriter writer = new RowListWriter();
    boolean sameSize = random.nextBoolean();
    int size = random.nextInt(6);
    if (sameSize) {
      writer.beginFixed(size);
    } else {
      writer.begin();
    }
    int rows = random.nextInt(5);
    for (int i = 0; i < rows; i++) {
      byte[] row = new byte[sameSize ? size : random.nextInt(6)];
      random.nextBytes(row);
      writer.addRow(row, 0, row.length);
    }
    BsatnWriter out = new BsatnWriter();
    writer.writeTo(out);
    return RowList.read(new BsatnReader(out.toByteArray()));
  }

  private int id() {
    return random.nextBoolean() ? random.nextInt(10) : random.nextInt();
  }

  private String text() {
    return TEXTS.get(random.nextInt(TEXTS.size()));
  }

  private ByteSlice bytes() {
    byte[] padded = new byte[random.nextInt(40) + 2];
    random.nextBytes(padded);
    return new ByteSlice(padded, 1, padded.length - 2);
  }

  private <T> List<T> several(Supplier<T> element) {
    return Stream.generate(element).limit(random.nextInt(4)).toList();
  }
}
