package dev.dormouse.simulation;

import dev.dormouse.commitlog.LogStorage;
import dev.dormouse.residence.ArtefactStore;
import dev.dormouse.residence.Ownership;
import dev.dormouse.residence.SegmentStore;
import dev.dormouse.residence.SnapshotStore;
import dev.dormouse.residence.Sockets;
import dev.dormouse.residence.TrimFloor;
import java.util.concurrent.Executor;

/** Where a test can put a defect between the engine and its world. */
interface Seams {
  /** Nothing is put in between. */
  Seams HONEST = new Seams() {};

  /** The disk of a process that starts. */
  default LogStorage disk(LogStorage disk) {
    return disk;
  }

  /** The threads of lanes. */
  default Executor lanes(Executor lanes) {
    return lanes;
  }

  /** The threads of wakes and sleeps. */
  default Executor workers(Executor workers) {
    return workers;
  }

  /** Who may write what. */
  default Ownership ownership(Ownership ownership) {
    return ownership;
  }

  /** Programs. */
  default ArtefactStore artefacts(ArtefactStore artefacts) {
    return artefacts;
  }

  /** Snapshots. */
  default SnapshotStore snapshots(SnapshotStore snapshots) {
    return snapshots;
  }

  /** Segments of the archive. */
  default SegmentStore segments(SegmentStore segments) {
    return segments;
  }

  /** What the journal may let go of. */
  default TrimFloor floor(TrimFloor floor) {
    return floor;
  }

  /** The clients' sockets. */
  default Sockets sockets(Sockets sockets) {
    return sockets;
  }
}
