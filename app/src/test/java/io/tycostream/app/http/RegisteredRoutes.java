package io.tycostream.app.http;

import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** Rules that only note what is registered with them: {@code GET /v1/sources}. */
final class RegisteredRoutes {

  /** What a service that answers any path below its own is noted as. */
  static final String ANY = "/{file}";

  private static final Set<String> METHODS = Set.of("get", "post", "put", "delete", "patch");

  private final Set<String> routes = new TreeSet<>();

  Set<String> routes() {
    return routes;
  }

  HttpRules rules() {
    return below("");
  }

  private HttpRules below(String prefix) {
    InvocationHandler noting =
        (rules, method, arguments) -> {
          note(prefix, method, arguments);
          return rules;
        };
    return (HttpRules)
        Proxy.newProxyInstance(
            HttpRules.class.getClassLoader(), new Class<?>[] {HttpRules.class}, noting);
  }

  private void note(String prefix, Method method, Object[] arguments) {
    String name = method.getName();
    if (METHODS.contains(name) && arguments[0] instanceof String path) {
      String whole = path.equals("/") && !prefix.isEmpty() ? prefix : prefix + path;
      routes.add(name.toUpperCase(Locale.ROOT) + " " + whole);
    } else if (name.equals("register")
        && arguments[0] instanceof String path
        && arguments[1] instanceof HttpService[] services) {
      Arrays.stream(services)
          .forEach(service -> service.routing(below(path.equals("/") ? prefix : prefix + path)));
    } else if (name.equals("route") && arguments.length == 3 && prefix.isEmpty()) {
      routes.add("GET /"); // the page's files, by a matcher that takes any path
      routes.add("GET " + ANY);
    } else {
      throw new AssertionError("not known what is routed by " + method);
    }
  }
}
