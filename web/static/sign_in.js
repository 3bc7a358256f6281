// A link to a moment keeps it through the sign-in: what stands after # never reaches the server.
const way = document.getElementById("tie");
const name = way.tagName === "FORM" ? "action" : "href";
if (location.hash) {
  const to = new URL(way[name]);
  to.searchParams.set("next", to.searchParams.get("next") + location.hash);
  way[name] = to.href;
}
