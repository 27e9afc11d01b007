(function () {
  "use strict";
  var table = document.getElementById("account-table");
  var find = document.getElementById("find");
  if (!table || !find) { return; }
  var body = table.tBodies[0];
  var heads = Array.from(table.tHead.rows[0].cells);
  var column = {};
  heads.forEach(function (head, at) { column[head.textContent] = at; });
  var rows = Array.from(body.rows).map(function (row) {
    return { row: row, text: row.textContent.toLowerCase() };
  });
  var order = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  var at = function (id) { return document.getElementById("find-" + id); };

  function cell(entry, name) { return entry.row.cells[column[name]].textContent; }

  function show() {
    var text = at("text").value.trim().toLowerCase();
    var tier = at("tier").value, health = at("health").value, near = at("near").checked;
    var shown = 0;
    rows.forEach(function (entry) {
      var fits = entry.text.includes(text) && (!tier || cell(entry, "Tier") === tier)
        && (!health || cell(entry, "Health") === health) && (!near || cell(entry, "Near a cut") === "yes");
      entry.row.hidden = !fits;
      if (fits) { shown += 1; }
    });
    at("count").textContent = shown.toLocaleString("en") + " of " + rows.length.toLocaleString("en") + " rows";
  }

  function key(entry, index) {
    var found = entry.row.cells[index];
    return found.dataset.v === undefined ? found.textContent : found.dataset.v;
  }

  function isBlank(value) { return value === "" || value === "-"; }

  function sort(index) {
    var head = heads[index], numbers = head.className === "n";
    var down = head.getAttribute("aria-sort") ? head.getAttribute("aria-sort") === "ascending" : numbers;
    heads.forEach(function (other) { other.removeAttribute("aria-sort"); });
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    rows.sort(function (a, b) {
      var x = key(a, index), y = key(b, index);
      if (isBlank(x) || isBlank(y)) { return Number(isBlank(x)) - Number(isBlank(y)); }
      return (numbers ? Number(x) - Number(y) : order.compare(x, y)) * (down ? -1 : 1);
    });
    rows.forEach(function (entry) { body.appendChild(entry.row); });
  }

  heads.forEach(function (head, index) {
    var button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    // Browsers do not repeat buttons in the heading of each printed page.
    head.dataset.name = head.textContent;
    head.textContent = "";
    head.appendChild(button);
    button.addEventListener("click", function () { sort(index); });
  });
  ["text", "tier", "health", "near"].forEach(function (id) { at(id).addEventListener("input", show); });
  find.hidden = false;
  show();
})();
