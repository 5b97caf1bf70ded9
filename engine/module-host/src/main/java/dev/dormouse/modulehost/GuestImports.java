package dev.dormouse.modulehost;

import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.Identity;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The functions a guest may import, for one instance: checks of pointers and handles here, data
 * behind {@link HostCalls}. Inputs are read first, the out cell is written last and only on
 * success. Each method answers what the wasm function returns. Source: spec module-abi §2 to §6,
 * since-2.8 §2.1.
 */
final class GuestImports {
  private static final int OK = 0;
  private static final int EXHAUSTED = -1;
  private static final int PREFIX_ELEMENTS_MAX = 65_535;
  private static final int ENVIRONMENT_KEY_BYTES_MAX = 256;
  private static final Pattern ENVIRONMENT_KEY = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private final LinearMemory memory;
  private final HostCalls host;
  private final InstanceLimits limits;
  private final GuestConsole console;
  private final GuestCall call;
  private final GuestNames names;
  private final RowIterators iterators;
  private final ByteSources sources;
  private final ByteSinks sinks;
  private final CursorSlot cursor = new CursorSlot();
  private final KeyRange range = new KeyRange();
  private boolean dispatched;

  GuestImports(
      LinearMemory memory,
      HostCalls host,
      InstanceLimits limits,
      GuestConsole console,
      GuestCall call) {
    this.memory = memory;
    this.host = host;
    this.limits = limits;
    this.console = console;
    this.call = call;
    this.names = new GuestNames(memory, limits.nameBytesMax());
    this.iterators = new RowIterators(limits.openIteratorsMax());
    this.sources = new ByteSources(limits.byteSourcesMax());
    this.sinks = new ByteSinks(limits.sinkBytesMax());
  }

  /** The guest has called an import: from here on the watch leaves the thread alone. */
  void enterHost() {
    call.enterHost();
  }

  /** The import is done. */
  void leaveHost() {
    call.leaveHost();
  }

  /** The import is done, and this is its answer. */
  int leaveHost(int answer) {
    call.leaveHost();
    return answer;
  }

  /** A call from the host to the guest begins; {@code reducer} if it serves a request. */
  void beginCall(boolean reducer) {
    dispatched = reducer;
  }

  /** The call has ended, in whatever way: its handles end with it. */
  void endCall() {
    dispatched = false;
    sources.reset();
    sinks.reset();
    iterators.closeAll();
  }

  ByteSources sources() {
    return sources;
  }

  ByteSinks sinks() {
    return sinks;
  }

  GuestConsole console() {
    return console;
  }

  GuestMemory memory() {
    return memory;
  }

  // Lookups and scans, 10.0 and 10.4.

  int tableIdFromName(int namePointer, int nameLength, int out) {
    String name = name(namePointer, nameLength);
    return host.inTransaction() ? answer32(host.tableIdFromName(name), out) : noTransaction();
  }

  int indexIdFromName(int namePointer, int nameLength, int out) {
    String name = name(namePointer, nameLength);
    return host.inTransaction() ? answer32(host.indexIdFromName(name), out) : noTransaction();
  }

  int tableRowCount(int tableId, int out) {
    return host.inTransaction() ? answer64(host.tableRowCount(tableId), out) : noTransaction();
  }

  int tableScan(int tableId, int out) {
    if (!host.inTransaction()) {
      return noTransaction();
    }
    return answerIterator(host.tableScan(tableId, cursor), out);
  }

  int indexScanPoint(int indexId, int keyPointer, int keyLength, int out) {
    require(keyPointer, keyLength);
    if (!host.inTransaction()) {
      return noTransaction();
    }
    return answerIterator(host.indexScanPoint(indexId, memory, keyPointer, keyLength, cursor), out);
  }

  /** Takes the arguments of a range scan; the next two methods use them. */
  void readRange(
      int prefixPointer,
      int prefixLength,
      int prefixElements,
      int startPointer,
      int startLength,
      int endPointer,
      int endLength) {
    if (prefixElements < 0 || prefixElements > PREFIX_ELEMENTS_MAX) {
      throw new HostTrap(
          "a prefix of %d key values, limit %d"
              .formatted(Integer.toUnsignedLong(prefixElements), PREFIX_ELEMENTS_MAX));
    }
    if (prefixElements > 0) {
      require(prefixPointer, prefixLength);
    }
    require(startPointer, startLength);
    require(endPointer, endLength);
    range.setPrefix(prefixPointer, prefixLength, prefixElements);
    range.setBounds(startPointer, startLength, endPointer, endLength);
  }

  int indexScanRange(int indexId, int out) {
    if (!host.inTransaction()) {
      return noTransaction();
    }
    return answerIterator(host.indexScanRange(indexId, memory, range, cursor), out);
  }

  int deleteByIndexScanPoint(int indexId, int keyPointer, int keyLength, int out) {
    require(keyPointer, keyLength);
    if (!host.inTransaction()) {
      return noTransaction();
    }
    return answer32(host.deleteByPoint(indexId, memory, keyPointer, keyLength), out);
  }

  int deleteByIndexScanRange(int indexId, int out) {
    if (!host.inTransaction()) {
      return noTransaction();
    }
    return answer32(host.deleteByRange(indexId, memory, range), out);
  }

  int rowIterAdvance(int iterator, int bufferPointer, int lengthPointer) {
    int capacity = readCell(lengthPointer);
    require(bufferPointer, capacity);
    if (!iterators.contains(iterator)) {
      return Errno.NO_SUCH_ITER.code();
    }
    int progress = iterators.advance(iterator, memory, bufferPointer, capacity);
    memory.writeI32(lengthPointer, iterators.transferred());
    return switch (progress) {
      case RowIterators.EXHAUSTED -> EXHAUSTED;
      case RowIterators.TOO_SMALL -> Errno.BUFFER_TOO_SMALL.code();
      default -> OK;
    };
  }

  int rowIterClose(int iterator) {
    if (!iterators.contains(iterator)) {
      return Errno.NO_SUCH_ITER.code();
    }
    iterators.close(iterator);
    return OK;
  }

  // Writes, 10.0 and 10.5.

  int insert(int tableId, int rowPointer, int lengthPointer) {
    int length = readCell(lengthPointer);
    require(rowPointer, length);
    if (!host.inTransaction()) {
      return noTransaction();
    }
    return answer32(host.insert(tableId, memory, rowPointer, length), lengthPointer);
  }

  int update(int tableId, int indexId, int rowPointer, int lengthPointer) {
    int length = readCell(lengthPointer);
    require(rowPointer, length);
    if (!host.inTransaction()) {
      return noTransaction();
    }
    return answer32(host.update(tableId, indexId, memory, rowPointer, length), lengthPointer);
  }

  int deleteAllByEq(int tableId, int rowsPointer, int rowsLength, int out) {
    require(rowsPointer, rowsLength);
    if (!host.inTransaction()) {
      return noTransaction();
    }
    return answer32(host.deleteAllByEq(tableId, memory, rowsPointer, rowsLength), out);
  }

  int clear(int tableId, int out) {
    return host.inTransaction() ? answer64(host.clear(tableId), out) : noTransaction();
  }

  // Byte sources and sinks, 10.0 and 10.1.

  int bytesSourceRead(int source, int bufferPointer, int lengthPointer) {
    int capacity = readCell(lengthPointer);
    require(bufferPointer, capacity);
    if (!sources.contains(source)) {
      return Errno.NO_SUCH_BYTES.code();
    }
    int count = sources.read(source, memory, bufferPointer, capacity);
    memory.writeI32(lengthPointer, count);
    return sources.contains(source) ? OK : EXHAUSTED;
  }

  int bytesSourceRemainingLength(int source, int out) {
    if (!sources.contains(source)) {
      return Errno.NO_SUCH_BYTES.code();
    }
    return answer32(sources.remaining(source), out);
  }

  int bytesSinkWrite(int sink, int bufferPointer, int lengthPointer) {
    int length = readCell(lengthPointer);
    require(bufferPointer, length);
    if (!sinks.contains(sink)) {
      return Errno.NO_SUCH_BYTES.code();
    }
    sinks.append(sink, memory, bufferPointer, length);
    return OK;
  }

  // Who and where, 10.0, 10.2 and 10.6.

  void identity(int out) {
    require(out, Identity.BYTES);
    Identity identity = host.databaseIdentity();
    memory.writeLong(out, identity.word0());
    memory.writeLong(out + Long.BYTES, identity.word1());
    memory.writeLong(out + 2 * Long.BYTES, identity.word2());
    memory.writeLong(out + 3 * Long.BYTES, identity.word3());
  }

  int getJwt(int connectionPointer, int out) {
    require(connectionPointer, ConnectionId.BYTES);
    ConnectionId connection =
        new ConnectionId(
            memory.readLong(connectionPointer), memory.readLong(connectionPointer + Long.BYTES));
    if (!host.inTransaction()) {
      return noTransaction();
    }
    Optional<byte[]> claims = host.jwt(connection);
    return answer32(
        claims.isPresent() ? sources.addUnlessEmpty(claims.get()) : ByteSources.EMPTY, out);
  }

  int envGet(int keyPointer, int keyLength, int out) {
    if (keyLength <= 0 || keyLength > ENVIRONMENT_KEY_BYTES_MAX) {
      return Errno.HOST_CALL_FAILURE.code();
    }
    String key = name(keyPointer, keyLength);
    if (!ENVIRONMENT_KEY.matcher(key).matches()) {
      return Errno.HOST_CALL_FAILURE.code();
    }
    if (!dispatched) {
      throw new HostTrap("env_get outside a call");
    }
    return switch (host.environment(key)) {
      case EnvironmentAnswer.Refused refused -> refused.errno().code();
      case EnvironmentAnswer.Unset() -> answer32(ByteSources.EMPTY, out);
      case EnvironmentAnswer.Stored stored -> {
        if (sources.outstanding() >= InstanceLimits.ENVIRONMENT_SOURCES_MAX) {
          yield Errno.NO_SPACE.code();
        }
        yield answer32(sources.add(stored.text().getBytes(StandardCharsets.UTF_8)), out);
      }
    };
  }

  void scheduleImmediate(int namePointer, int nameLength, int argsPointer, int argsLength) {
    String function = name(namePointer, nameLength);
    require(argsPointer, argsLength);
    host.scheduleImmediate(function, memory.readBytes(argsPointer, argsLength));
  }

  // Procedures, 10.3: nothing but reducers runs here so far.

  int procedureStartMutTx() {
    if (!host.inTransaction()) {
      throw onlyInProcedures("procedure_start_mut_tx");
    }
    return Errno.WOULD_BLOCK_TRANSACTION.code();
  }

  HostTrap onlyInProcedures(String name) {
    return new HostTrap(name + " outside a procedure");
  }

  // Console, 10.0.

  void consoleLog(
      int level,
      int targetPointer,
      int targetLength,
      int filePointer,
      int fileLength,
      int line,
      int messagePointer,
      int messageLength) {
    if (messagePointer == 0
        || !memory.contains(messagePointer, messageLength)
        || (targetPointer != 0 && !memory.contains(targetPointer, targetLength))
        || (filePointer != 0 && !memory.contains(filePointer, fileLength))) {
      return;
    }
    console.log(
        LogLevel.ofGuest(level),
        optionalText(targetPointer, targetLength),
        optionalText(filePointer, fileLength),
        line,
        text(messagePointer, messageLength));
  }

  int consoleTimerStart(int namePointer, int nameLength) {
    require(namePointer, nameLength);
    return console.startTimer(text(namePointer, nameLength));
  }

  int consoleTimerEnd(int timer) {
    return console.endTimer(timer) ? OK : Errno.NO_SUCH_CONSOLE_TIMER.code();
  }

  /** Logs what a program wrote to one of its WASI file descriptors, vector by vector. */
  void logVectors(LogLevel level, int vectors, int count, int writtenOut) {
    if (count < 0 || count > InstanceLimits.WASI_VECTORS_MAX) {
      throw new HostTrap(
          "fd_write of %d vectors, limit %d"
              .formatted(Integer.toUnsignedLong(count), InstanceLimits.WASI_VECTORS_MAX));
    }
    long total = 0;
    for (int i = 0; i < count; i++) {
      int vector = vectors + i * 2 * Integer.BYTES;
      require(vector, 2 * Integer.BYTES);
      int pointer = memory.readInt(vector);
      int length = memory.readInt(vector + Integer.BYTES);
      if (length != 0) {
        require(pointer, length);
        console.log(level, Optional.of("wasi"), Optional.empty(), -1, text(pointer, length));
      }
      total += length;
    }
    require(writtenOut, Integer.BYTES);
    memory.writeI32(writtenOut, (int) total);
  }

  // Guest memory.

  /** Refuses null and whatever does not lie inside memory; lengths are unsigned. */
  void require(int pointer, int length) {
    if (pointer == 0) {
      throw new HostTrap("null pointer");
    }
    if (!memory.contains(pointer, length)) {
      throw new HostTrap(
          "%d bytes at %d are outside memory of %d bytes"
              .formatted(
                  Integer.toUnsignedLong(length), Integer.toUnsignedLong(pointer), memory.size()));
    }
  }

  void writeCell(int pointer, int value) {
    require(pointer, Integer.BYTES);
    memory.writeI32(pointer, value);
  }

  void writeCell64(int pointer, long value) {
    require(pointer, Long.BYTES);
    memory.writeLong(pointer, value);
  }

  private int readCell(int pointer) {
    require(pointer, Integer.BYTES);
    return memory.readInt(pointer);
  }

  private int answer32(long answer, int out) {
    if (answer < 0) {
      return errno(answer);
    }
    writeCell(out, (int) answer);
    return OK;
  }

  private int answer64(long answer, int out) {
    if (answer < 0) {
      return errno(answer);
    }
    writeCell64(out, answer);
    return OK;
  }

  private int answerIterator(int errno, int out) {
    if (errno != OK) {
      return errno;
    }
    writeCell(out, iterators.open(cursor.take()));
    return OK;
  }

  private static int errno(long answer) {
    if (answer < Short.MIN_VALUE) {
      throw new IllegalStateException("host call answered " + answer + ", which is no errno");
    }
    return (int) -answer;
  }

  private static int noTransaction() {
    return Errno.NOT_IN_TRANSACTION.code();
  }

  private String name(int pointer, int length) {
    require(pointer, length);
    return names.read(pointer, length);
  }

  /** A text of the guest with bad UTF-8 replaced, cut to the limit of a log text. */
  private String text(int pointer, int length) {
    byte[] bytes = memory.readBytes(pointer, Math.min(length, limits.logBytesMax()));
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private Optional<String> optionalText(int pointer, int length) {
    return pointer == 0 ? Optional.empty() : Optional.of(text(pointer, length));
  }
}
