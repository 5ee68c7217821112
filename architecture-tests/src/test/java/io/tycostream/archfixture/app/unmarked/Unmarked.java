package io.tycostream.archfixture.app.unmarked;

record Unmarked() {}
