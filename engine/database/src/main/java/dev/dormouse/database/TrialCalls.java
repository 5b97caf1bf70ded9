package dev.dormouse.database;

import dev.dormouse.modulehost.CursorSlot;
import dev.dormouse.modulehost.EnvironmentAnswer;
import dev.dormouse.modulehost.GuestMemory;
import dev.dormouse.modulehost.HostCalls;
import dev.dormouse.modulehost.HostTrap;
import dev.dormouse.modulehost.KeyRange;
import dev.dormouse.modulehost.LogRecord;
import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.Identity;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The imports of an instance that only describes itself: no database, no transaction, and its log
 * lines are not kept. Source: spec host-semantics §9, "Publish check".
 */
final class TrialCalls implements HostCalls {
  private final LongSupplier nanoTime;
  private boolean asked;

  TrialCalls(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /**
   * Whether the guest was told something of its host that may differ next time, or made it do
   * something that others would see.
   */
  boolean wasAsked() {
    return asked;
  }

  private static IllegalStateException noTransaction() {
    return new IllegalStateException("a data import outside a transaction");
  }

  @Override
  public long tableIdFromName(String name) {
    throw noTransaction();
  }

  @Override
  public long indexIdFromName(String name) {
    throw noTransaction();
  }

  @Override
  public long tableRowCount(int tableId) {
    throw noTransaction();
  }

  @Override
  public int tableScan(int tableId, CursorSlot out) {
    throw noTransaction();
  }

  @Override
  public int indexScanPoint(
      int indexId, GuestMemory memory, int keyPointer, int keyLength, CursorSlot out) {
    throw noTransaction();
  }

  @Override
  public int indexScanRange(int indexId, GuestMemory memory, KeyRange range, CursorSlot out) {
    throw noTransaction();
  }

  @Override
  public long deleteByPoint(int indexId, GuestMemory memory, int keyPointer, int keyLength) {
    throw noTransaction();
  }

  @Override
  public long deleteByRange(int indexId, GuestMemory memory, KeyRange range) {
    throw noTransaction();
  }

  @Override
  public long insert(int tableId, GuestMemory memory, int rowPointer, int rowLength) {
    throw noTransaction();
  }

  @Override
  public long update(int tableId, int indexId, GuestMemory memory, int rowPointer, int rowLength) {
    throw noTransaction();
  }

  @Override
  public long deleteAllByEq(int tableId, GuestMemory memory, int rowsPointer, int rowsLength) {
    throw noTransaction();
  }

  @Override
  public long clear(int tableId) {
    throw noTransaction();
  }

  @Override
  public Optional<byte[]> jwt(ConnectionId connection) {
    throw noTransaction();
  }

  @Override
  public boolean inTransaction() {
    return false;
  }

  @Override
  public Identity databaseIdentity() {
    asked = true;
    return Identity.ZERO;
  }

  @Override
  public EnvironmentAnswer environment(String key) {
    throw new HostTrap("no environment outside a call");
  }

  @Override
  public void scheduleImmediate(String function, byte[] arguments) {
    throw new HostTrap("nothing can be scheduled outside a call");
  }

  @Override
  public void log(LogRecord line) {
    asked = true;
  }

  @Override
  public long monotonicNanos() {
    asked = true;
    return nanoTime.getAsLong();
  }
}
