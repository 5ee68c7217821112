package io.tycostream.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.thirdparty.org.objectweb.asm.ClassReader;
import com.tngtech.archunit.thirdparty.org.objectweb.asm.ClassVisitor;
import com.tngtech.archunit.thirdparty.org.objectweb.asm.MethodVisitor;
import com.tngtech.archunit.thirdparty.org.objectweb.asm.Opcodes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Set;
import java.util.TreeSet;

/**
 * Blocks that are {@code synchronized}: ArchUnit keeps nothing of them, so class files are read.
 */
final class Monitors {

  /** The version of ASM's interface that ArchUnit has with it. */
  private static final int INTERFACE = Opcodes.ASM9;

  private Monitors() {}

  /** The names of the methods of a class that enter a monitor in their middle. */
  static Set<String> enteredBy(JavaClass type) {
    Set<String> methods = new TreeSet<>();
    int ignored = ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES;
    new ClassReader(bytes(type))
        .accept(
            new ClassVisitor(INTERFACE) {
              @Override
              public MethodVisitor visitMethod(
                  int access,
                  String name,
                  String descriptor,
                  String signature,
                  String[] exceptions) {
                return new MethodVisitor(INTERFACE) {
                  @Override
                  public void visitInsn(int opcode) {
                    if (opcode == Opcodes.MONITORENTER) {
                      methods.add(name);
                    }
                  }
                };
              }
            },
            ignored);
    return methods;
  }

  private static byte[] bytes(JavaClass type) {
    try (InputStream file = type.getSource().orElseThrow().getUri().toURL().openStream()) {
      return file.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + type.getFullName(), e);
    }
  }
}
