package io.tycostream.architecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.EvaluationResult;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * All rules, each able to speak about the project and about the fixtures, and each with the
 * fixtures that break it.
 */
enum Law {
  DOMAIN_STANDS_ON_THE_JDK_ALONE(
      DomainRules::standsOnTheJdkAlone,
      "domain.bad.Locks",
      "domain.bad.Reads",
      "domain.bad.Prints"),
  DOMAIN_ASKS_NO_CLOCK(
      DomainRules::asksNoClock, "domain.bad.Asks", "domain.bad.Counts", "domain.bad.Dates"),
  DOMAIN_THROWS_NO_DICE(DomainRules::throwsNoDice, "domain.bad.Rolls", "domain.bad.Names"),
  DOMAIN_HAS_NO_THREADS(
      DomainRules::hasNoThreads,
      "domain.bad.Starts",
      "domain.bad.Guards",
      "domain.bad.Enters",
      "domain.bad.Spreads"),
  DOMAIN_TOUCHES_NOTHING_OUTSIDE(
      DomainRules::touchesNothingOutside, "domain.bad.Prints", "domain.bad.Runs"),
  DOMAIN_HAS_NO_CYCLES(DomainRules::hasNoCycles, "domain.chicken.Chicken", "domain.egg.Egg"),
  ADAPTERS_KNOW_THE_DOMAIN_ONLY(
      LayerRules::adaptersKnowTheDomainOnly, "adapters.db.KnowsApp", "adapters.ws.KnowsClient"),
  ADAPTERS_DO_NOT_KNOW_EACH_OTHER(
      LayerRules::adaptersDoNotKnowEachOther, "adapters.ws.KnowsDatabases"),
  CLIENT_STANDS_ON_DOMAIN_JACKSON_CORE_AND_JDK(
      LayerRules::clientStandsOnDomainJacksonCoreAndJdk, "client.Binds", "client.Serves"),
  MICROMETER_STAYS_IN_ITS_BINDING(
      LayerRules::micrometerStaysInItsBinding, "client.Measures", "app.Measures"),
  HELIDON_STAYS_IN_THE_SHELLS(LayerRules::helidonStaysInTheShells, "client.Serves"),
  SQL_STAYS_WITH_THE_DATABASES(
      LayerRules::sqlStaysWithTheDatabases, "app.Queries", "adapters.ws.Replicates"),
  CONFIGURATION_IS_READ_IN_ONE_CLASS(
      LayerRules::configurationIsReadInOneClass, "app.Configures", "adapters.db.Configures"),
  MACHINE_TYPES_ARE_SEALED(CodeRules::machineTypesAreSealed, "domain.bad.OpenEvent"),
  MEMBERS_OF_MACHINE_TYPES_ARE_RECORDS(
      CodeRules::membersOfMachineTypesAreRecords, "domain.bad.LooseState"),
  NAMES_ARE_THE_FIELDS_NOUNS(
      CodeRules::namesAreTheFieldsNouns, "app.ThingManager", "app.Thing$StringUtils"),
  PACKAGES_ARE_NULL_MARKED(CodeRules::packagesAreNullMarked, "app.unmarked.Unmarked"),
  /** Held against the tests of all modules; every other law is about what is shipped. */
  TESTS_DO_NOT_SLEEP(
      CodeRules::testsDoNotSleep, "app.SleepsTest", "app.SleepsLongTest", "app.SleepsInLambdaTest");

  private final Function<Layout, ArchRule> rule;
  private final Set<String> breakers;

  Law(Function<Layout, ArchRule> rule, String... breakers) {
    this.rule = rule;
    this.breakers =
        Stream.of(breakers)
            .map(name -> Layout.FIXTURES.root() + "." + name)
            .collect(Collectors.toUnmodifiableSet());
  }

  /** The full names of the fixtures that break this law; there is no other that does. */
  Set<String> breakers() {
    return breakers;
  }

  /**
   * Holds the law against {@code classes}. Classes that it does not speak about pass, even if there
   * are no others: that the packages are not empty is checked once, in {@link LayoutTest}.
   */
  EvaluationResult heldAgainst(JavaClasses classes, Layout layout) {
    return rule.apply(layout).allowEmptyShould(true).evaluate(classes);
  }
}
