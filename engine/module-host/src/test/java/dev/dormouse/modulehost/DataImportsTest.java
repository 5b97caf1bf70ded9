package dev.dormouse.modulehost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Errnos, traps and out cells of the imports that read and write rows. */
final class DataImportsTest {
  private static final String V0 = "spacetime_10.0";
  private static final String V4 = "spacetime_10.4";
  private static final String V5 = "spacetime_10.5";
  private static final int TEXT = Probe.TEXT;
  private static final int OUT = Probe.OUT;
  private static final int LENGTH = Probe.LENGTH_CELL;
  private static final int INDEX = 1_001;

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** A table 1 named text, keyed by its first four bytes, with the given rows. */
  private static MapHost.Table table(Probe probe, String... rows) {
    MapHost.Table table = probe.host.addTable("text", 4, "text");
    for (String row : rows) {
      table.rows().put(ByteBuffer.wrap(bytes(row), 0, 4).slice(), bytes(row));
    }
    return table;
  }

  @ParameterizedTest
  @ValueSource(strings = {"table_id_from_name", "index_id_from_name"})
  void idsByName(String name) {
    Probe found = Probe.of(V0, name, "iii", TEXT, 4, OUT);
    table(found);
    assertEquals(0, found.run());
    assertEquals(name.startsWith("table") ? 1 : INDEX, found.cell(OUT));
    Probe missing = Probe.of(V0, name, "iii", TEXT, 3, OUT);
    assertEquals(name.startsWith("table") ? 4 : 5, missing.run());
    assertEquals(-1, missing.cell(OUT), "the out cell is written on success only");
    missing.host.transaction = false;
    assertEquals(2, missing.run());
    assertEquals(
        "null pointer", Probe.of(V0, name, "iii", 0, 0, OUT).trap().replaceAll(" in .*", ""));
    assertTrue(Probe.of(V0, name, "iii", 65_530, 7, OUT).trap().startsWith("7 bytes at 65530 are"));
    assertTrue(
        Probe.of(V0, name, "iii", -1, 4, OUT).trap().startsWith("4 bytes at 4294967295 are"));
    assertTrue(
        Probe.of(V0, name, "iii", TEXT, -1, OUT).trap().startsWith("4294967295 bytes at 64 are"));
    assertTrue(
        Probe.of(V0, name, "iii", LENGTH + 8, 4, OUT)
            .trap()
            .startsWith("a name of 4 bytes that is not UTF-8"));
    Probe nullOut = Probe.of(V0, name, "iii", TEXT, 4, 0);
    table(nullOut);
    assertTrue(nullOut.trap().startsWith("null pointer"));
  }

  @Test
  void aNameIsReadAgainWhenMemoryHasChanged() {
    Probe probe =
        Probe.with(
            "text",
            (builder, same) -> {
              int lookup = builder.importFunction(V0, "table_id_from_name", "iii", "i");
              builder.reducer(
                  code -> {
                    code.i32(TEXT).i32(4).i32(OUT).call(lookup).drop();
                    code.store(TEXT, 0x74786554); // "Text"
                    code.i32(TEXT).i32(4).i32(OUT).call(lookup);
                  });
            });
    table(probe);
    assertEquals(4, probe.run());
    assertEquals(1, probe.cell(OUT));
  }

  @Test
  void longNamesTrap() {
    Probe probe = Probe.of(V0, "table_id_from_name", "iii", 1_024, 60_000, OUT);
    assertEquals(4, probe.run(), "a name of zeroes that nobody has");
    InstanceLimits limits = new InstanceLimits(1 << 20, 1 << 20, 1, 1, 1, 1, 10, 10, 1);
    WasmBuilder builder = WasmBuilder.module();
    int lookup = builder.importFunction(V0, "table_id_from_name", "iii", "i");
    builder.reducer(code -> code.i32(TEXT).i32(11).i32(OUT).call(lookup));
    WasmInstance instance = Guests.instance(Guests.load(builder.build()), new MapHost(), limits);
    CallOutcome outcome = Guests.call(instance);
    assertTrue(outcome.toString().contains("a name of 11 bytes, limit 10"), outcome.toString());
  }

  @Test
  void rowCountIs64Bits() {
    Probe probe = Probe.of(V0, "datastore_table_row_count", "ii", 1, OUT);
    table(probe, "aaaa", "bbbb");
    assertEquals(0, probe.run());
    assertEquals(2L, probe.cell64(OUT));
    assertEquals(4, Probe.of(V0, "datastore_table_row_count", "ii", 9, OUT).run());
    probe.host.transaction = false;
    assertEquals(2, probe.run());
    Probe atEnd = Probe.of(V0, "datastore_table_row_count", "ii", 1, 65_532);
    table(atEnd);
    assertTrue(atEnd.trap().startsWith("8 bytes at 65532 are outside"));
  }

  @Test
  void scansGiveHandlesFromOne() {
    Probe probe = Probe.of(V0, "datastore_table_scan_bsatn", "ii", 1, OUT);
    table(probe, "aaaa");
    assertEquals(0, probe.run());
    assertEquals(1, probe.cell(OUT));
    assertEquals(0, probe.run());
    assertEquals(1, probe.cell(OUT), "iterators left open are closed with the call");
    assertEquals(4, Probe.of(V0, "datastore_table_scan_bsatn", "ii", 2, OUT).run());
    probe.host.transaction = false;
    assertEquals(2, probe.run());
  }

  @Test
  void pointScan() {
    Probe probe = Probe.of(V4, "datastore_index_scan_point_bsatn", "iiii", INDEX, TEXT, 4, OUT);
    table(probe, "text1");
    assertEquals(0, probe.run());
    assertEquals(1, probe.cell(OUT));
    Probe noIndex = Probe.of(V4, "datastore_index_scan_point_bsatn", "iiii", 7, TEXT, 4, OUT);
    assertEquals(5, noIndex.run());
    Probe bad = Probe.of(V4, "datastore_index_scan_point_bsatn", "iiii", INDEX, TEXT, 3, OUT);
    table(bad);
    assertEquals(3, bad.run());
    assertEquals(-1, bad.cell(OUT));
    bad.host.transaction = false;
    assertEquals(2, bad.run());
    assertTrue(
        Probe.of(V4, "datastore_index_scan_point_bsatn", "iiii", INDEX, 0, 0, OUT)
            .trap()
            .startsWith("null pointer"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"datastore_index_scan_range_bsatn", "datastore_btree_scan_bsatn"})
  void rangeScan(String name) {
    String bounds = "\0text\0text";
    Probe probe =
        Probe.of(V0, name, "iiiiiiiii", bounds, INDEX, 0, 0, 0, TEXT, 5, TEXT + 5, 5, OUT);
    table(probe, "text1");
    assertEquals(0, probe.run());
    assertEquals(1, probe.cell(OUT));
    Probe withPrefix =
        Probe.of(V0, name, "iiiiiiiii", bounds, INDEX, TEXT, 1, 1, TEXT, 5, TEXT + 5, 5, OUT);
    table(withPrefix);
    assertEquals(3, withPrefix.run());
    withPrefix.host.transaction = false;
    assertEquals(2, withPrefix.run());
    assertEquals(
        5, Probe.of(V0, name, "iiiiiiiii", bounds, 9, 0, 0, 0, TEXT, 5, TEXT, 5, OUT).run());
    assertTrue(
        Probe.of(V0, name, "iiiiiiiii", INDEX, TEXT, 1, 65_536, TEXT, 5, TEXT, 5, OUT)
            .trap()
            .startsWith("a prefix of 65536 key values, limit 65535"));
    assertTrue(
        Probe.of(V0, name, "iiiiiiiii", INDEX, 0, 1, 1, TEXT, 5, TEXT, 5, OUT)
            .trap()
            .startsWith("null pointer"));
    assertTrue(
        Probe.of(V0, name, "iiiiiiiii", INDEX, 0, 0, 0, TEXT, 5, 0, 0, OUT)
            .trap()
            .startsWith("null pointer"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "datastore_delete_by_index_scan_range_bsatn",
        "datastore_delete_by_btree_scan_bsatn"
      })
  void deleteByRange(String name) {
    Probe probe = Probe.of(V0, name, "iiiiiiiii", INDEX, 0, 0, 0, TEXT, 4, TEXT, 4, OUT);
    MapHost.Table table = table(probe, "text1", "rest1");
    assertEquals(0, probe.run());
    assertEquals(2, probe.cell(OUT));
    assertEquals(Map.of(), table.rows());
    probe.host.transaction = false;
    assertEquals(2, probe.run());
    assertEquals(5, Probe.of(V0, name, "iiiiiiiii", 9, 0, 0, 0, TEXT, 4, TEXT, 4, OUT).run());
  }

  @Test
  void deleteByPoint() {
    String name = "datastore_delete_by_index_scan_point_bsatn";
    Probe probe = Probe.of(V4, name, "iiii", INDEX, TEXT, 4, OUT);
    table(probe, "text1");
    assertEquals(0, probe.run());
    assertEquals(1, probe.cell(OUT));
    assertEquals(0, probe.run());
    assertEquals(0, probe.cell(OUT));
    probe.host.transaction = false;
    assertEquals(2, probe.run());
    assertEquals(5, Probe.of(V4, name, "iiii", 9, TEXT, 4, OUT).run());
  }

  @Test
  void insertWritesBackHowManyBytesWereGenerated() {
    Probe probe = Probe.of(V0, "datastore_insert_bsatn", "iii", 1, TEXT, LENGTH);
    MapHost.Table table = table(probe);
    assertEquals(0, probe.run());
    assertEquals(1, table.rows().size());
    assertEquals(0, probe.cell(LENGTH));
  }

  @Test
  void insertPassesGeneratedBytesThrough() {
    WasmBuilder builder = WasmBuilder.module().data(LENGTH, new byte[] {8, 0, 0, 0});
    int insert = builder.importFunction(V0, "datastore_insert_bsatn", "iii", "i");
    builder.reducer(code -> code.i32(1).i32(TEXT).i32(LENGTH).call(insert));
    MapHost host =
        new MapHost() {
          @Override
          public long insert(int tableId, GuestMemory memory, int rowPointer, int rowLength) {
            assertEquals(8, rowLength);
            memory.write(rowPointer, new byte[] {42, 0, 0, 0}, 0, 4);
            return 4;
          }
        };
    WasmInstance instance = Guests.instance(builder.build(), host);
    assertEquals(new CallOutcome.Returned(), Guests.call(instance));
    assertEquals(42, instance.guestMemory().readInt(TEXT));
    assertEquals(4, instance.guestMemory().readInt(LENGTH));
  }

  @Test
  void insertErrnosLeaveTheLengthCell() {
    Probe probe = Probe.of(V0, "datastore_insert_bsatn", "iii", 1, TEXT, LENGTH);
    table(probe, "text, another row");
    assertEquals(12, probe.run());
    assertEquals(16, probe.cell(LENGTH));
    probe.host.transaction = false;
    assertEquals(2, probe.run());
    assertTrue(
        Probe.of(V0, "datastore_insert_bsatn", "iii", 9, TEXT, LENGTH)
            .trap()
            .startsWith("no table 9"));
    assertTrue(
        Probe.of(V0, "datastore_insert_bsatn", "iii", 1, TEXT, 0)
            .trap()
            .startsWith("null pointer"));
    assertTrue(
        Probe.of(V0, "datastore_insert_bsatn", "iii", 1, 65_530, LENGTH)
            .trap()
            .startsWith("16 bytes at 65530 are outside"));
  }

  @ParameterizedTest
  @CsvSource({"13, 13", "12, 12", "2, 2"})
  void insertPassesErrnosThrough(int errno, int expected) {
    WasmBuilder builder = WasmBuilder.module().data(LENGTH, new byte[] {8, 0, 0, 0});
    int insert = builder.importFunction(V0, "datastore_insert_bsatn", "iii", "i");
    builder.reducer(code -> code.i32(1).i32(TEXT).i32(LENGTH).call(insert));
    MapHost host =
        new MapHost() {
          @Override
          public long insert(int tableId, GuestMemory memory, int rowPointer, int rowLength) {
            return -errno;
          }
        };
    assertEquals(
        new CallOutcome.BadReturnCode(expected),
        Guests.call(Guests.instance(builder.build(), host)));
  }

  @Test
  void anAnswerThatIsNoErrnoIsABug() {
    WasmBuilder builder = WasmBuilder.module();
    int clear = builder.importFunction(V5, "datastore_clear", "ii", "i");
    builder.reducer(code -> code.i32(1).i32(OUT).call(clear));
    MapHost host =
        new MapHost() {
          @Override
          public long clear(int tableId) {
            return Long.MIN_VALUE;
          }
        };
    WasmInstance instance = Guests.instance(builder.build(), host);
    assertThrows(IllegalStateException.class, () -> Guests.call(instance));
    assertTrue(instance.isPoisoned());
  }

  @Test
  void update() {
    Probe probe = Probe.of(V0, "datastore_update_bsatn", "iiii", 1, INDEX, TEXT, LENGTH);
    MapHost.Table table = table(probe, "text, as it was");
    assertEquals(0, probe.run());
    assertEquals(16, table.rows().values().iterator().next().length);
    table.rows().clear();
    assertEquals(0, probe.cell(LENGTH), "nothing generated");
    Probe missing = Probe.of(V0, "datastore_update_bsatn", "iiii", 1, INDEX, TEXT, LENGTH);
    table(missing);
    assertEquals(15, missing.run());
    Probe noIndex = Probe.of(V0, "datastore_update_bsatn", "iiii", 1, 7, TEXT, LENGTH);
    table(noIndex);
    assertEquals(5, noIndex.run());
    noIndex.host.transaction = false;
    assertEquals(2, noIndex.run());
    assertTrue(
        Probe.of(V0, "datastore_update_bsatn", "iiii", 9, INDEX, TEXT, LENGTH)
            .trap()
            .startsWith("no table 9"));
  }

  @Test
  void deleteAllByEq() {
    String name = "datastore_delete_all_by_eq_bsatn";
    Probe probe = Probe.of(V0, name, "iiii", "\1\0\0\0text1", 1, TEXT, 9, OUT);
    MapHost.Table table = table(probe, "text1", "rest1");
    assertEquals(0, probe.run());
    assertEquals(1, probe.cell(OUT));
    assertEquals(1, table.rows().size());
    probe.host.transaction = false;
    assertEquals(2, probe.run());
    assertEquals(4, Probe.of(V0, name, "iiii", 9, TEXT, 9, OUT).run());
    Probe bad = Probe.of(V0, name, "iiii", 1, TEXT, 3, OUT);
    table(bad);
    assertEquals(3, bad.run());
  }

  @Test
  void clear() {
    Probe probe = Probe.of(V5, "datastore_clear", "ii", 1, OUT);
    table(probe, "text1", "rest1");
    assertEquals(0, probe.run());
    assertEquals(2L, probe.cell64(OUT));
    probe.host.transaction = false;
    assertEquals(2, probe.run());
    assertTrue(Probe.of(V5, "datastore_clear", "ii", 9, OUT).trap().startsWith("no table 9"));
  }

  @Test
  void unknownIteratorsAnswerErrno6() {
    Probe advance = Probe.of(V0, "row_iter_bsatn_advance", "iii", 1, Probe.BUFFER, LENGTH);
    assertEquals(6, advance.run());
    assertEquals(16, advance.cell(LENGTH));
    assertEquals(6, Probe.of(V0, "row_iter_bsatn_close", "i", 0).run());
    assertEquals(6, Probe.of(V0, "row_iter_bsatn_close", "i", -1).run());
    assertTrue(
        Probe.of(V0, "row_iter_bsatn_advance", "iii", 1, 0, LENGTH)
            .trap()
            .startsWith("null pointer"));
  }

  /** Scans table 1, then advances with the capacity of {@link Probe#LENGTH_CELL}, so many times. */
  private static Probe scanner(int advances) {
    return Probe.with(
        "text",
        (builder, same) -> {
          int scan = builder.importFunction(V0, "datastore_table_scan_bsatn", "ii", "i");
          int advance = builder.importFunction(V0, "row_iter_bsatn_advance", "iii", "i");
          builder.reducer(
              code -> {
                code.i32(1).i32(OUT).call(scan).drop();
                for (int i = 0; i < advances; i++) {
                  if (i > 0) {
                    code.drop();
                  }
                  code.load(OUT).i32(Probe.BUFFER).i32(LENGTH).call(advance);
                }
              });
        });
  }

  @Test
  void emptyScanIsExhaustedAtOnce() {
    Probe probe = scanner(1);
    table(probe);
    assertEquals(-1, probe.run());
    assertEquals(0, probe.cell(LENGTH));
    Probe again = scanner(2);
    table(again);
    assertEquals(6, again.run(), "an exhausted iterator is freed");
  }

  @Test
  void rowsThatFitComeTogetherWithTheEnd() {
    Probe probe = scanner(1);
    table(probe, "aaaa1", "bbbb22");
    assertEquals(-1, probe.run());
    assertEquals(11, probe.cell(LENGTH));
    assertEquals("aaaa1bbbb22", probe.text(Probe.BUFFER, 11));
  }

  @Test
  void aChunkThatDoesNotFitSaysItsSize() {
    Probe probe = scanner(1);
    table(probe, "aaaa-12345", "bbbb-12345");
    assertEquals(11, probe.run());
    assertEquals(20, probe.cell(LENGTH));
    Probe retry = scanner(2);
    table(retry, "aaaa-12345", "bbbb-12345");
    assertEquals(-1, retry.run(), "the cell now says 20, so that the second try fits");
    assertEquals("aaaa-12345bbbb-12345", retry.text(Probe.BUFFER, 20));
  }
}
