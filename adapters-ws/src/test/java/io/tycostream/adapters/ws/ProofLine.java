package io.tycostream.adapters.ws;

import net.jqwik.api.lifecycle.AroundPropertyHook;
import net.jqwik.api.lifecycle.PropertyExecutionResult;
import net.jqwik.api.lifecycle.PropertyExecutor;
import net.jqwik.api.lifecycle.PropertyLifecycleContext;

/** Says how often a property was tried and with which seed, which differs each time. */
final class ProofLine implements AroundPropertyHook {

  @Override
  public PropertyExecutionResult aroundProperty(
      PropertyLifecycleContext context, PropertyExecutor property) {
    PropertyExecutionResult result = property.execute();
    System.out.print(
        String.format(
            "proof: %s.%s: %,d tries, seed %s: %s%n",
            context.containerClass().getSimpleName(),
            context.targetMethod().getName(),
            result.countTries(),
            result.seed().orElse("unknown"),
            result.status()));
    return result;
  }
}
