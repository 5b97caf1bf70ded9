package dev.dormouse.residence;

import dev.dormouse.sats.Identity;
import java.io.IOException;

/** What a node keeps of its databases beside the stores: the logs of their modules. */
@FunctionalInterface
public interface Leftovers {
  /** Removes what is kept of a database that was deleted, if there is anything; blocks. */
  void remove(Identity database) throws IOException;
}
