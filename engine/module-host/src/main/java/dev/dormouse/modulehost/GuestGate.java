package dev.dormouse.modulehost;

import com.dylibso.chicory.runtime.Memory;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Where a guest enters its host: one static method per import, which generated code calls directly,
 * so that an import costs no boxing. The instance is found by its memory. Each method holds the
 * host's half of the hand-shake of {@link GuestCall} around one method of {@link GuestImports}.
 *
 * <p>Public only because generated classes have a class loader of their own. Not for anybody else.
 */
public final class GuestGate {
  /** The import that a method is. Its wasm type is the method's, without the memory. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.METHOD)
  @interface Import {
    /** Import module. */
    String module();

    /** Import name. */
    String name();
  }

  private static final String V10_0 = "spacetime_10.0";
  private static final String V10_1 = "spacetime_10.1";
  private static final String V10_2 = "spacetime_10.2";
  private static final String V10_3 = "spacetime_10.3";
  private static final String V10_4 = "spacetime_10.4";
  private static final String V10_5 = "spacetime_10.5";
  private static final String V10_6 = "spacetime_10.6";

  private GuestGate() {}

  private static GuestImports enter(Memory memory) {
    GuestImports imports = ((LinearMemory) memory).imports();
    imports.enterHost();
    return imports;
  }

  /** Called at calls and loops: an interrupt asks what is wanted instead of ending the guest. */
  public static void checkInterruption() {
    if (Thread.currentThread().isInterrupted()) {
      GuestCall.interrupted();
    }
  }

  /** A function that counts its stack begins. */
  public static void takeStack(Memory memory, int bytes) {
    ((LinearMemory) memory).takeStack(bytes);
  }

  /** A function that counts its stack returns. */
  public static void giveStackBack(Memory memory, int bytes) {
    ((LinearMemory) memory).giveStackBack(bytes);
  }

  /** What the guest may still take. */
  public static int stackLeft(Memory memory) {
    return ((LinearMemory) memory).stackLeft();
  }

  /** A function has caught an exception, so that all it called are gone. */
  public static void setStackLeft(Memory memory, int bytes) {
    ((LinearMemory) memory).resetStack(bytes);
  }

  @Import(module = V10_0, name = "table_id_from_name")
  public static int tableIdFromName(int name, int length, int out, Memory memory) {
    GuestImports in = enter(memory);
    return in.leaveHost(in.tableIdFromName(name, length, out));
  }

  @Import(module = V10_0, name = "index_id_from_name")
  public static int indexIdFromName(int name, int length, int out, Memory memory) {
    GuestImports in = enter(memory);
    return in.leaveHost(in.indexIdFromName(name, length, out));
  }

  @Import(module = V10_0, name = "datastore_table_row_count")
  public static int tableRowCount(int table, int out, Memory memory) {
    GuestImports in = enter(memory);
    return in.leaveHost(in.tableRowCount(table, out));
  }

  @Import(module = V10_0, name = "datastore_table_scan_bsatn")
  public static int tableScan(int table, int out, Memory memory) {
    GuestImports in = enter(memory);
    return in.leaveHost(in.tableScan(table, out));
  }

  @Import(module = V10_4, name = "datastore_index_scan_point_bsatn")
  public static int indexScanPoint(int index, int key, int length, int out, Memory memory) {
    GuestImports in = enter(memory);
    return in.leaveHost(in.indexScanPoint(index, key, length, out));
  }

  @Import(module = V10_0, name = "datastore_index_scan_range_bsatn")
  public static int indexScanRange(
      int index,
      int prefix,
      int prefixLength,
      int prefixElements,
      int start,
      int startLength,
      int end,
      int endLength,
      int out,
      Memory memory) {
    GuestImports in = enter(memory);
    in.readRange(prefix, prefixLength, prefixElements, start, startLength, end, endLength);
    return in.leaveHost(in.indexScanRange(index, out));
  }

  @Import(module = V10_0, name = "datastore_btree_scan_bsatn")
  public static int btreeScan(
      int index,
      int prefix,
      int prefixLength,
      int prefixElements,
      int start,
      int startLength,
      int end,
      int endLength,
      int out,
      Memory memory) {
    return indexScanRange(
        index,
        prefix,
        prefixLength,
        prefixElements,
        start,
        startLength,
        end,
        endLength,
        out,
        memory);
  }

  @Import(module = V10_4, name = "datastore_delete_by_index_scan_point_bsatn")
  public static int deleteByIndexScanPoint(int index, int key, int length, int out, Memory memory) {
    GuestImports in = enter(memory);
    return in.leaveHost(in.deleteByIndexScanPoint(index, key, length, out));
  }

  @Import(module = V10_0, name = "datastore_delete_by_index_scan_range_bsatn")
  public static int deleteByIndexScanRange(
      int index,
      int prefix,
      int prefixLength,
      int prefixElements,
      int start,
      int startLength,
      int end,
      int endLength,
      int out,
      Memory memory) {
    GuestImports in = enter(memory);
    in.readRange(prefix, prefixLength, prefixElements, start, startLength, end, endLength);
    return in.leaveHost(in.deleteByIndexScanRange(index, out));
  }

  @Import(module = V10_0, name = "datastore_delete_by_btree_scan_bsatn")
  public static int deleteByBtreeScan(
      int index,
      int prefix,
      int prefixLength,
      int prefixElements,
      int start,
      int startLength,
      int end,
      int endLength,
      int out,
      Memory memory) {
    return deleteByIndexScanRange(
        index,
        prefix,
        prefixLength,
        prefixElements,
        start,
        startLength,
        end,
        endLength,
        out,
        memory);
  }

  @Import(module = V10_0, name = "row_iter_bsatn_advance")
  public static int rowIterAdvance(int iterator, int buffer, int length, Memory memory) {
    GuestImports in = enter(memory);
    return in.leaveHost(in.rowIterAdvance(iterator, buffer, length));
  }

  @Import(module = V10_0, name = "row_iter_bsatn_close")
  public static int rowIterClose(int iterator, Memory memory) {
    GuestImports in = enter(memory);
    return in.leaveHost(in.rowIterClose(iterator));
  }

  @Import(module = V10_0, name = "datastore_insert_bsatn")
  public static int insert(int table, int row, int length, Memory memory) {
    GuestImports in = enter(memory);
    return in.leaveHost(in.insert(table, row, length));
  }

  @Import(module = V10_0, name = "datastore_update_bsatn")
  public static int update(int table, int index, int row, int length, Memory memory) {
    GuestImports in = enter(memory);
    return in.leaveHost(in.update(table, index, row, length));
  }

  @Import(module = V10_0, name = "datastore_delete_all_by_eq_bsatn")
  public static int deleteAllByEq(int table, int rows, int length, int out, Memory memory) {
    GuestImports in = enter(memory);
    return in.leaveHost(in.deleteAllByEq(table, rows, length, out));
  }

  @Import(module = V10_5, name = "datastore_clear")
  public static int clear(int table, int out, Memory memory) {
    GuestImports in = enter(memory);
    return in.leaveHost(in.clear(table, out));
  }

  @Import(module = V10_0, name = "bytes_source_read")
  public static int bytesSourceRead(int source, int buffer, int length, Memory memory) {
    GuestImports in = enter(memory);
    return in.leaveHost(in.bytesSourceRead(source, buffer, length));
  }

  @Import(module = V10_1, name = "bytes_source_remaining_length")
  public static int bytesSourceRemainingLength(int source, int out, Memory memory) {
    GuestImports in = enter(memory);
    return in.leaveHost(in.bytesSourceRemainingLength(source, out));
  }

  @Import(module = V10_0, name = "bytes_sink_write")
  public static int bytesSinkWrite(int sink, int buffer, int length, Memory memory) {
    GuestImports in = enter(memory);
    return in.leaveHost(in.bytesSinkWrite(sink, buffer, length));
  }

  @Import(module = V10_0, name = "identity")
  public static void identity(int out, Memory memory) {
    GuestImports in = enter(memory);
    in.identity(out);
    in.leaveHost();
  }

  @Import(module = V10_2, name = "get_jwt")
  public static int getJwt(int connection, int out, Memory memory) {
    GuestImports in = enter(memory);
    return in.leaveHost(in.getJwt(connection, out));
  }

  @Import(module = V10_6, name = "env_get")
  public static int envGet(int key, int length, int out, Memory memory) {
    GuestImports in = enter(memory);
    return in.leaveHost(in.envGet(key, length, out));
  }

  @Import(module = V10_0, name = "volatile_nonatomic_schedule_immediate")
  public static void scheduleImmediate(
      int name, int nameLength, int arguments, int argumentsLength, Memory memory) {
    GuestImports in = enter(memory);
    in.scheduleImmediate(name, nameLength, arguments, argumentsLength);
    in.leaveHost();
  }

  @Import(module = V10_0, name = "console_log")
  public static void consoleLog(
      int level,
      int target,
      int targetLength,
      int file,
      int fileLength,
      int line,
      int message,
      int messageLength,
      Memory memory) {
    GuestImports in = enter(memory);
    in.consoleLog(level, target, targetLength, file, fileLength, line, message, messageLength);
    in.leaveHost();
  }

  @Import(module = V10_0, name = "console_timer_start")
  public static int consoleTimerStart(int name, int length, Memory memory) {
    GuestImports in = enter(memory);
    return in.leaveHost(in.consoleTimerStart(name, length));
  }

  @Import(module = V10_0, name = "console_timer_end")
  public static int consoleTimerEnd(int timer, Memory memory) {
    GuestImports in = enter(memory);
    return in.leaveHost(in.consoleTimerEnd(timer));
  }

  // Procedures: nothing but reducers runs here so far, so some always trap; guests call them
  // anyway.

  @SuppressWarnings("DoNotCallSuggester")
  @Import(module = V10_3, name = "procedure_sleep_until")
  public static long procedureSleepUntil(long wakeAtMicros, Memory memory) {
    throw enter(memory).onlyInProcedures("procedure_sleep_until");
  }

  @Import(module = V10_3, name = "procedure_start_mut_tx")
  public static int procedureStartMutTx(int out, Memory memory) {
    GuestImports in = enter(memory);
    return in.leaveHost(in.procedureStartMutTx());
  }

  @Import(module = V10_3, name = "procedure_commit_mut_tx")
  public static int procedureCommitMutTx(Memory memory) {
    return enter(memory).leaveHost(Errno.TRANSACTION_NOT_ANONYMOUS.code());
  }

  @Import(module = V10_3, name = "procedure_abort_mut_tx")
  public static int procedureAbortMutTx(Memory memory) {
    return enter(memory).leaveHost(Errno.TRANSACTION_NOT_ANONYMOUS.code());
  }

  @SuppressWarnings("DoNotCallSuggester")
  @Import(module = V10_3, name = "procedure_http_request")
  public static int procedureHttpRequest(
      int request, int requestLength, int body, int bodyLength, int out, Memory memory) {
    throw enter(memory).onlyInProcedures("procedure_http_request");
  }
}
