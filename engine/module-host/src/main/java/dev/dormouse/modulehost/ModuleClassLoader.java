package dev.dormouse.modulehost;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Holds the classes of one module; when it goes, they go. */
final class ModuleClassLoader extends ClassLoader {
  static {
    registerAsParallelCapable();
  }

  private final Set<String> names;
  private final Map<String, byte[]> undefined;

  ModuleClassLoader(Map<String, byte[]> classes) {
    super("module", ModuleClassLoader.class.getClassLoader());
    this.names = Set.copyOf(classes.keySet());
    this.undefined = new HashMap<>(classes);
  }

  /** Ours first: asking the parents for them would be a search through every jar of the node. */
  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!names.contains(name)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded == null ? findClass(name) : loaded;
    }
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    // The bytes are given up once the JVM has its own form of them.
    byte[] bytes;
    synchronized (undefined) {
      bytes = undefined.remove(name);
    }
    if (bytes == null) {
      throw new ClassNotFoundException(name);
    }
    return defineClass(name, bytes, 0, bytes.length);
  }
}
