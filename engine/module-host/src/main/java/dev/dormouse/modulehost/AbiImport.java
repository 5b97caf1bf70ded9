package dev.dormouse.modulehost;

import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One function that a module may import, with its wasm signature and what it does. The tables of
 * module-abi §5 and since-2.8 §2.1.
 *
 * @param module import module; a function exists under this one only
 * @param name import name
 * @param type wasm signature
 * @param body what it does
 */
record AbiImport(String module, String name, FunctionType type, Body body) {
  /** What an import does, on unboxed arguments that travel as longs. */
  @FunctionalInterface
  interface Body {
    /** Runs for one instance; the result is ignored where the signature has none. */
    long run(GuestImports imports, long[] args);
  }

  private static final String V10_0 = "spacetime_10.0";
  private static final String V10_1 = "spacetime_10.1";
  private static final String V10_2 = "spacetime_10.2";
  private static final String V10_3 = "spacetime_10.3";
  private static final String V10_4 = "spacetime_10.4";
  private static final String V10_5 = "spacetime_10.5";
  private static final String V10_6 = "spacetime_10.6";

  private static final Map<String, AbiImport> BY_NAME = byName();

  /** The import of that module and name, if there is one. */
  static Optional<AbiImport> find(String module, String name) {
    return Optional.ofNullable(BY_NAME.get(module + "." + name));
  }

  /** For linking: finds the instance by its memory, so that one link serves all instances. */
  ImportFunction link() {
    return new ImportFunction(module, name, type, this::call);
  }

  private long[] call(Instance instance, long... args) {
    GuestPages memory = (GuestPages) instance.memory();
    return memory.imports().run(body, args);
  }

  private static Map<String, AbiImport> byName() {
    List<AbiImport> all = new ArrayList<>();
    addLookups(all);
    addScans(all);
    addWrites(all);
    addBytes(all);
    addConsole(all);
    addProcedures(all);
    WasiStubs.addTo(all);
    Map<String, AbiImport> byName = new TreeMap<>();
    for (AbiImport each : all) {
      byName.put(each.module() + "." + each.name(), each);
    }
    return byName;
  }

  private static void addLookups(List<AbiImport> to) {
    to.add(
        errno(
            V10_0,
            "table_id_from_name",
            3,
            (in, a) -> in.tableIdFromName(i(a, 0), i(a, 1), i(a, 2))));
    to.add(
        errno(
            V10_0,
            "index_id_from_name",
            3,
            (in, a) -> in.indexIdFromName(i(a, 0), i(a, 1), i(a, 2))));
    to.add(
        errno(
            V10_0, "datastore_table_row_count", 2, (in, a) -> in.tableRowCount(i(a, 0), i(a, 1))));
    to.add(procedure(V10_0, "identity", 1, (in, a) -> in.identity(i(a, 0))));
    to.add(errno(V10_2, "get_jwt", 2, (in, a) -> in.getJwt(i(a, 0), i(a, 1))));
    to.add(errno(V10_6, "env_get", 3, (in, a) -> in.envGet(i(a, 0), i(a, 1), i(a, 2))));
  }

  private static void addScans(List<AbiImport> to) {
    to.add(
        errno(V10_0, "datastore_table_scan_bsatn", 2, (in, a) -> in.tableScan(i(a, 0), i(a, 1))));
    for (String name : List.of("datastore_index_scan_range_bsatn", "datastore_btree_scan_bsatn")) {
      to.add(
          errno(
              V10_0,
              name,
              9,
              (in, a) ->
                  in.indexScanRange(
                      i(a, 0), i(a, 1), i(a, 2), i(a, 3), i(a, 4), i(a, 5), i(a, 6), i(a, 7),
                      i(a, 8))));
    }
    to.add(
        errno(
            V10_4,
            "datastore_index_scan_point_bsatn",
            4,
            (in, a) -> in.indexScanPoint(i(a, 0), i(a, 1), i(a, 2), i(a, 3))));
    to.add(
        errno(
            V10_0,
            "row_iter_bsatn_advance",
            3,
            (in, a) -> in.rowIterAdvance(i(a, 0), i(a, 1), i(a, 2))));
    to.add(errno(V10_0, "row_iter_bsatn_close", 1, (in, a) -> in.rowIterClose(i(a, 0))));
  }

  private static void addWrites(List<AbiImport> to) {
    to.add(
        errno(V10_0, "datastore_insert_bsatn", 3, (in, a) -> in.insert(i(a, 0), i(a, 1), i(a, 2))));
    to.add(
        errno(
            V10_0,
            "datastore_update_bsatn",
            4,
            (in, a) -> in.update(i(a, 0), i(a, 1), i(a, 2), i(a, 3))));
    to.add(
        errno(
            V10_0,
            "datastore_delete_all_by_eq_bsatn",
            4,
            (in, a) -> in.deleteAllByEq(i(a, 0), i(a, 1), i(a, 2), i(a, 3))));
    for (String name :
        List.of(
            "datastore_delete_by_index_scan_range_bsatn", "datastore_delete_by_btree_scan_bsatn")) {
      to.add(
          errno(
              V10_0,
              name,
              9,
              (in, a) ->
                  in.deleteByIndexScanRange(
                      i(a, 0), i(a, 1), i(a, 2), i(a, 3), i(a, 4), i(a, 5), i(a, 6), i(a, 7),
                      i(a, 8))));
    }
    to.add(
        errno(
            V10_4,
            "datastore_delete_by_index_scan_point_bsatn",
            4,
            (in, a) -> in.deleteByIndexScanPoint(i(a, 0), i(a, 1), i(a, 2), i(a, 3))));
    to.add(errno(V10_5, "datastore_clear", 2, (in, a) -> in.clear(i(a, 0), i(a, 1))));
  }

  private static void addBytes(List<AbiImport> to) {
    to.add(
        errno(
            V10_0,
            "bytes_source_read",
            3,
            (in, a) -> in.bytesSourceRead(i(a, 0), i(a, 1), i(a, 2))));
    to.add(
        errno(
            V10_1,
            "bytes_source_remaining_length",
            2,
            (in, a) -> in.bytesSourceRemainingLength(i(a, 0), i(a, 1))));
    to.add(
        errno(
            V10_0, "bytes_sink_write", 3, (in, a) -> in.bytesSinkWrite(i(a, 0), i(a, 1), i(a, 2))));
    to.add(
        procedure(
            V10_0,
            "volatile_nonatomic_schedule_immediate",
            4,
            (in, a) -> in.scheduleImmediate(i(a, 0), i(a, 1), i(a, 2), i(a, 3))));
  }

  private static void addConsole(List<AbiImport> to) {
    to.add(
        procedure(
            V10_0,
            "console_log",
            8,
            (in, a) ->
                in.consoleLog(
                    i(a, 0), i(a, 1), i(a, 2), i(a, 3), i(a, 4), i(a, 5), i(a, 6), i(a, 7))));
    to.add(
        errno(V10_0, "console_timer_start", 2, (in, a) -> in.consoleTimerStart(i(a, 0), i(a, 1))));
    to.add(errno(V10_0, "console_timer_end", 1, (in, a) -> in.consoleTimerEnd(i(a, 0))));
  }

  private static void addProcedures(List<AbiImport> to) {
    to.add(
        new AbiImport(
            V10_3,
            "procedure_sleep_until",
            FunctionType.of(List.of(ValType.I64), List.of(ValType.I64)),
            onlyInProcedures("procedure_sleep_until")));
    to.add(errno(V10_3, "procedure_http_request", 5, onlyInProcedures("procedure_http_request")));
    to.add(errno(V10_3, "procedure_start_mut_tx", 1, (in, a) -> in.procedureStartMutTx()));
    // Whoever runs a reducer has no anonymous transaction of its own.
    for (String name : List.of("procedure_commit_mut_tx", "procedure_abort_mut_tx")) {
      to.add(errno(V10_3, name, 0, (in, a) -> Errno.TRANSACTION_NOT_ANONYMOUS.code()));
    }
  }

  private static Body onlyInProcedures(String name) {
    return (in, a) -> {
      throw new HostTrap(name + " outside a procedure");
    };
  }

  /** A function of so many i32 that gives an i32. */
  static AbiImport errno(String module, String name, int parameters, Body body) {
    return new AbiImport(module, name, type(parameters, List.of(ValType.I32)), body);
  }

  private interface Effect {
    void run(GuestImports imports, long[] args);
  }

  private static AbiImport procedure(String module, String name, int parameters, Effect effect) {
    return new AbiImport(
        module,
        name,
        type(parameters, List.of()),
        (imports, args) -> {
          effect.run(imports, args);
          return 0;
        });
  }

  private static FunctionType type(int parameters, List<ValType> results) {
    List<ValType> types = new ArrayList<>();
    for (int i = 0; i < parameters; i++) {
      types.add(ValType.I32);
    }
    return FunctionType.of(types, results);
  }

  /** An argument that the signature says is an i32. */
  static int i(long[] args, int index) {
    return (int) args[index];
  }
}
