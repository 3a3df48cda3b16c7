package io.github.hfbeam;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.joda.time.Instant;

/**
 * Keeps what a collection holds. Workers of Java are in this JVM, so a static field is where all
 * their copies of this meet.
 */
public final class CollectFn<T> extends DoFn<T, Void> {

  private static final long serialVersionUID = 1L;
  private static final Map<String, Queue<Timed<?>>> COLLECTED = new ConcurrentHashMap<>();

  private final String id = UUID.randomUUID().toString();

  @ProcessElement
  public void process(ProcessContext context, BoundedWindow window) {
    COLLECTED
        .computeIfAbsent(id, key -> new ConcurrentLinkedQueue<>())
        .add(new Timed<>(context.element(), context.timestamp(), window));
  }

  /** What came, in no order, once the pipeline has run. */
  public List<Timed<T>> elements() {
    List<Timed<T>> elements = new ArrayList<>();
    for (Timed<?> element : COLLECTED.getOrDefault(id, new ConcurrentLinkedQueue<>())) {
      @SuppressWarnings("unchecked") // Under this id are only values of this.
      Timed<T> own = (Timed<T>) element;
      elements.add(own);
    }
    return elements;
  }

  /** A value and its place in time. */
  public static final class Timed<T> {
    public final T value;
    public final Instant timestamp;
    public final BoundedWindow window;

    Timed(T value, Instant timestamp, BoundedWindow window) {
      this.value = value;
      this.timestamp = timestamp;
      this.window = window;
    }
  }
}
