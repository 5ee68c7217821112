package io.tycostream.app.demo;

import io.tycostream.adapters.db.demo.ReplicationCut;
import io.tycostream.app.http.DemoControls;

/** What the page's buttons do to the demo's own database. */
public record DatabaseControls(EmbeddedPostgres postgres) implements DemoControls {

  @Override
  public boolean isRunning() {
    return postgres.running();
  }

  @Override
  public void cutReplication() {
    ReplicationCut.cut(postgres.jdbcUrl());
  }

  @Override
  public void stopDatabase() {
    postgres.kill(); // as in a crash: an orderly stop would wait for us, and shows less
  }

  @Override
  public void startDatabase() {
    postgres.start();
  }
}
