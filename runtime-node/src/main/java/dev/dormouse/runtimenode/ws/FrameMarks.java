package dev.dormouse.runtimenode.ws;

/**
 * Frames whose requests are not all answered: how many bytes, and up to which request. A queue in
 * one array, since there is an entry per frame. One thread at a time.
 */
final class FrameMarks {
  private static final int CAPACITY = 8;

  private int[] requests = new int[CAPACITY];
  private int[] bytes = new int[CAPACITY];
  private int head;
  private int size;

  /**
   * Adds a frame.
   *
   * @param lastRequest number of its last request; numbers rise by one and may wrap around
   */
  void add(int lastRequest, int frameBytes) {
    if (size == requests.length) {
      grow();
    }
    int at = (head + size) & (requests.length - 1);
    requests[at] = lastRequest;
    bytes[at] = frameBytes;
    size++;
  }

  private void grow() {
    int[] moreRequests = new int[2 * size];
    int[] moreBytes = new int[2 * size];
    for (int i = 0; i < size; i++) {
      int from = (head + i) & (size - 1);
      moreRequests[i] = requests[from];
      moreBytes[i] = bytes[from];
    }
    requests = moreRequests;
    bytes = moreBytes;
    head = 0;
  }

  /**
   * Removes the frames that are answered.
   *
   * @param answered number of the last answered request
   * @return their bytes
   */
  long settle(int answered) {
    long settled = 0;
    while (size > 0 && answered - requests[head] >= 0) {
      settled += bytes[head];
      head = (head + 1) & (requests.length - 1);
      size--;
    }
    return settled;
  }
}
