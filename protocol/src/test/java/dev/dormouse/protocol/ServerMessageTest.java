package dev.dormouse.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.dormouse.protocol.ServerMessage.QuerySetUpdate;
import dev.dormouse.protocol.ServerMessage.TableUpdate;
import dev.dormouse.protocol.ServerMessage.UpdateRows;
import dev.dormouse.sats.BsatnReader;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.DecodeException;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ServerMessageTest {
  static List<JsonNode> v2ServerVectors() {
    return Vectors.list(Vectors.read("client-v2-bsatn.json").get("vectors")).stream()
        .filter(vector -> vector.get("direction").asText().equals("server"))
        .toList();
  }

  static List<JsonNode> batchVectors() {
    return Vectors.list(Vectors.read("since-2.8.json").get("client_messages")).stream()
        .filter(vector -> vector.get("direction").asText().equals("server"))
        .toList();
  }

  static List<JsonNode> v3ServerVectors() {
    return Vectors.list(Vectors.read("client-v3-frames.json").get("vectors")).stream()
        .filter(vector -> vector.get("direction").asText().equals("server"))
        .toList();
  }

  static Stream<JsonNode> rowListVectors() {
    return Vectors.list(Vectors.read("client-row-lists.json").get("vectors")).stream();
  }

  private static ServerMessage decode(byte[] bytes) {
    BsatnReader reader = new BsatnReader(bytes);
    ServerMessage message = ServerMessageDecoder.decode(reader);
    assertEquals(0, reader.remaining());
    return message;
  }

  @ParameterizedTest
  @MethodSource("v2ServerVectors")
  void v2VectorsDecodeAndAreWrittenAlike(JsonNode vector) {
    ServerMessage message = decode(Vectors.hex(vector.get("hex")));
    assertEquals(vector.get("message"), MessageJson.of(message));
    if (message instanceof ServerMessage.ReducerResult result
        && result.result() instanceof ReducerOutcome.OkEmpty) {
      return;
    }
    assertEquals(vector.get("hex").asText(), Vectors.hex(Rewriting.bytes(message)));
  }

  @ParameterizedTest
  @MethodSource("batchVectors")
  void subscribeBatchAppliedVectorsAreWrittenAlike(JsonNode vector) {
    ServerMessage message = decode(Vectors.hex(vector.get("hex")));
    assertTrue(message instanceof ServerMessage.SubscribeBatchApplied);
    assertEquals(vector.get("hex").asText(), Vectors.hex(Rewriting.bytes(message)));
  }

  @Test
  void subscribeBatchAppliedDecodesAppliedAndFailedSets() {
    var batch =
        (ServerMessage.SubscribeBatchApplied) decode(Vectors.hex(batchVectors().get(1).get("hex")));
    assertEquals(1, batch.requestId());
    assertEquals(new SetOutcome.Failed("no such table"), batch.results().get(1).outcome());
    var applied = (SetOutcome.Applied) batch.results().get(0).outcome();
    assertEquals("t", applied.tables().getFirst().table());
    assertEquals(2, applied.tables().getFirst().rows().rowCount());
    assertEquals("02000000", Vectors.hex(applied.tables().getFirst().rows().row(1)));
  }

  @ParameterizedTest
  @MethodSource("v3ServerVectors")
  void v3PayloadsHoldTheirMessages(JsonNode vector) {
    List<ServerMessage> messages =
        ServerMessageDecoder.decodePayload(
            Vectors.hex(vector.get("payload_hex")), ProtocolLimits.DEFAULT);
    List<JsonNode> expected =
        Vectors.list(vector.get("messages")).stream()
            .map(
                id ->
                    v2ServerVectors().stream()
                        .filter(known -> known.get("id").equals(id))
                        .findFirst()
                        .orElseThrow()
                        .get("message"))
            .toList();
    assertEquals(expected, messages.stream().map(MessageJson::of).toList());
  }

  @ParameterizedTest
  @MethodSource("rowListVectors")
  void rowListsFollowTheProducerRules(JsonNode vector) {
    RowListWriter writer = new RowListWriter();
    boolean fixed = vector.get("row_type").asText().matches("\\{(\\w+: [UI]32(, )?)*}");
    List<byte[]> rows = Vectors.list(vector.get("row_hex")).stream().map(Vectors::hex).toList();
    writer.begin();
    rows.forEach(row -> writer.addRow(row, 0, row.length));
    assertRowList(vector, writer);
    if (fixed && !rows.isEmpty()) {
      writer.beginFixed(rows.getFirst().length);
      rows.forEach(row -> writer.addRow(row, 0, row.length));
      assertRowList(vector, writer);
    }
  }

  private static void assertRowList(JsonNode vector, RowListWriter writer) {
    BsatnWriter out = new BsatnWriter();
    writer.writeTo(out);
    assertEquals(vector.get("hex").asText(), Vectors.hex(out));
    RowList list = RowList.read(new BsatnReader(out.toByteArray()));
    assertEquals(vector.get("expected_hint"), MessageJson.hint(list.hint()));
    assertEquals(vector.get("row_count").asInt(), list.rowCount());
    for (int i = 0; i < list.rowCount(); i++) {
      assertEquals(vector.get("row_hex").get(i).asText(), Vectors.hex(list.row(i)));
    }
  }

  @Test
  void rowsTooLargeForAFixedSizeGetOffsets() {
    for (int size : new int[] {65_535, 65_536}) {
      RowListWriter writer = new RowListWriter().beginFixed(size);
      writer.addRow(new byte[size], 0, size);
      writer.addRow(new byte[size], 0, size);
      BsatnWriter out = new BsatnWriter();
      writer.writeTo(out);
      RowList list = RowList.read(new BsatnReader(out.toByteArray()));
      assertEquals(size == 65_535, list.hint() instanceof RowList.RowSizeHint.FixedSize);
      assertEquals(size, list.row(1).length());
    }
  }

  @Test
  void aRowOfAnotherSizeThanItsTypeIsABug() {
    RowListWriter writer = new RowListWriter().beginFixed(4);
    assertThrows(IllegalStateException.class, () -> writer.addRow(new byte[5], 0, 5));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void messagesRoundTrip(long seed) {
    RandomMessages random = new RandomMessages(seed);
    for (int i = 0; i < 500; i++) {
      ServerMessage message = random.server();
      assertEquals(message, decode(Rewriting.bytes(message)), "seed " + seed + " " + i);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void mutatedBytesDecodeOrAreRefused(long seed) {
    RandomMessages messages = new RandomMessages(seed);
    Random random = new Random(seed);
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = Rewriting.bytes(messages.server());
      for (int flips = random.nextInt(4); flips >= 0; flips--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      try {
        ServerMessageDecoder.decode(new BsatnReader(bytes, 0, random.nextInt(bytes.length + 1)));
      } catch (DecodeException e) {
        refused++;
      }
    }
    assertTrue(refused > 1000, "refused " + refused);
  }

  @Test
  void updatesOfOneTableInOneSetAreJoinedAndFragmentsAreShared() {
    RowListWriter rows = new RowListWriter().begin();
    rows.addRow(new byte[] {1, 2}, 0, 2);
    RowListWriter none = new RowListWriter().begin();
    EncodedTableUpdate a1 = EncodedTableUpdate.persistent("a", rows, none);
    EncodedTableUpdate a2 = EncodedTableUpdate.persistent("a", none, rows);
    EncodedTableUpdate b = EncodedTableUpdate.events("b", rows);
    BsatnWriter out = new BsatnWriter();
    ServerMessageWriter writer = new ServerMessageWriter(out);
    writer.beginTransactionUpdate();
    writer.querySet(1);
    writer.tableUpdate(a1);
    writer.tableUpdate(a2);
    writer.tableUpdate(b);
    writer.querySet(2);
    writer.tableUpdate(b);
    writer.end();
    var update = (ServerMessage.TransactionUpdate) decode(out.toByteArray());
    assertEquals(
        List.of(1, 2), update.querySets().stream().map(QuerySetUpdate::querySetId).toList());
    List<TableUpdate> first = update.querySets().getFirst().tables();
    assertEquals(List.of("a", "b"), first.stream().map(TableUpdate::table).toList());
    assertEquals(2, first.getFirst().rows().size());
    assertEquals(1, first.getLast().rows().size());
    assertTrue(first.getLast().rows().getFirst() instanceof UpdateRows.Events);
    assertEquals(first.getLast(), update.querySets().getLast().tables().getFirst());
  }

  @Test
  void stepsOutOfOrderAreABug() {
    ServerMessageWriter writer = new ServerMessageWriter(new BsatnWriter());
    assertThrows(IllegalStateException.class, writer::end);
    assertThrows(IllegalStateException.class, () -> writer.querySet(1));
    writer.beginTransactionUpdate();
    assertThrows(IllegalStateException.class, () -> writer.oneOffQueryError(1, "x"));
    assertThrows(IllegalStateException.class, () -> writer.batchSetError(1, "x"));
    RowListWriter none = new RowListWriter().begin();
    assertThrows(
        IllegalStateException.class,
        () -> writer.tableUpdate(EncodedTableUpdate.events("t", none)));
    writer.querySet(1);
    writer.end();
    writer.oneOffQueryError(1, "x");
  }
}
