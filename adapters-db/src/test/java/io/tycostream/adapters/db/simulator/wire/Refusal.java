package io.tycostream.adapters.db.simulator.wire;

/** A statement or a connection that is answered with an error. */
public final class Refusal extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final transient Report report;

  public Refusal(Report report) {
    super(report.sqlState() + " " + report.message());
    this.report = report;
  }

  public Report report() {
    return report;
  }
}
