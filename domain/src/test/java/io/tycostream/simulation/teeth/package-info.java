/**
 * Whether the simulation would notice: the domain is broken on purpose, one {@link
 * io.tycostream.simulation.teeth.Bugs deliberate bug} at a time, and a {@link
 * io.tycostream.simulation.teeth.Trial trial} has to find a seed that shows it.
 *
 * <p>Nothing on the disk is changed. The broken file is compiled in memory, and the trial and the
 * domain are loaded once more by a class loader that has the broken classes instead of the right
 * ones; so every bug is of the code as it is now, and one whose place in the code has changed says
 * that it is out of date.
 */
@NullMarked
package io.tycostream.simulation.teeth;

import org.jspecify.annotations.NullMarked;
