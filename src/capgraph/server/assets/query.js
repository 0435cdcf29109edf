// The query page: an editor for SPARQL, its answer as a table or as a graph. Talks to this server only.
"use strict";

(async () => {
  const form = document.getElementById("ask");
  const lang = form.dataset.lang;
  const area = document.getElementById("text");
  const status = document.getElementById("status");
  const answer = document.getElementById("answer");
  const shownRows = 2000;
  const drawnEdges = 400;
  const page = await (await fetch(`/query.json?lang=${lang}`)).json();
  const say = page.words;

  // The editor ---------------------------------------------------------------------------------------------------------

  const editor = new Yasqe(document.getElementById("editor"), {
    value: area.value,
    persistenceId: null,
    consumeShareLink: null,
    createShareableLink: () => `${location.origin}/query?${new URLSearchParams({ query: editor.getValue(), lang })}`,
    createShortLink: undefined,
    prefixCcApi: null,
    autocompleters: ["variables"],
    showQueryButton: false,
    pluginButtons: () => [],
    resizeable: false,
    requestConfig: { endpoint: "/sparql", method: "POST" },
    extraKeys: { "Ctrl-Enter": run, "Cmd-Enter": run },
  });
  area.hidden = true;
  editor.setSize("100%", 340);

  // The server knows all prefixes of the house; the editor and other servers want them declared.
  let typing = 0;
  editor.on("change", () => {
    clearTimeout(typing);
    typing = setTimeout(declare, 400);
  });
  function declare() {
    const text = editor.getValue();
    const declared = new Set([...text.matchAll(/PREFIX\s+([\w-]*):/gi)].map(([, name]) => name));
    const body = text.replace(/<[^<>\s]*>|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|#.*/g, " ");
    const used = new Set([...body.matchAll(/(?<![\w:?$-])([a-z][\w-]*):[\w]/gi)].map(([, name]) => name));
    const missing = [...used].filter((name) => !declared.has(name) && page.prefixes[name]).sort();
    if (missing.length) editor.addPrefixes(Object.fromEntries(missing.map((name) => [name, page.prefixes[name]])));
  }

  const examples = document.getElementById("example");
  for (const each of page.examples) {
    const option = document.createElement("option");
    option.value = each.name;
    option.textContent = each.title;
    examples.append(option);
  }
  examples.addEventListener("change", () => {
    const chosen = page.examples.find((each) => each.name === examples.value);
    if (chosen) editor.setValue(chosen.text);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });

  // Running ------------------------------------------------------------------------------------------------------------

  let asked = 0;
  async function run() {
    const turn = ++asked;
    const text = editor.getValue();
    const graphs = /^\s*(?:#.*\n|\s|PREFIX\s+\S+\s+<[^>]*>|BASE\s+<[^>]*>)*(CONSTRUCT|DESCRIBE)\b/i.test(text);
    status.className = "";
    status.textContent = `${say.running} …`;
    answer.hidden = true;
    const since = performance.now();
    try {
      const accept = graphs ? "application/ld+json" : "application/sparql-results+json";
      const reply = await fetch("/sparql", { method: "POST", headers: { Accept: accept }, body: new URLSearchParams({ query: text }) });
      if (turn !== asked) return;
      if (!reply.ok) throw new Error(await reply.text());
      show(graphs ? triples(await reply.json()) : rows(await reply.json()), text, graphs, since);
    } catch (error) {
      if (turn !== asked) return;
      status.className = "problem";
      status.textContent = `${say.failed}: ${error.message}`;
    }
  }

  function rows(found) {
    if ("boolean" in found) return { columns: [], rows: [], said: found.boolean ? say.yes : say.no };
    const columns = found.head.vars;
    const list = found.results.bindings.map((binding) => columns.map((name) => binding[name] || null));
    return { columns, rows: list, said: `${list.length.toLocaleString()} ${say.rows}` };
  }

  function triples(things) {
    const list = [];
    for (const thing of things) {
      for (const [predicate, values] of Object.entries(thing)) {
        if (predicate === "@id") continue;
        const type = predicate === "@type";
        const iri = type ? "http://www.w3.org/1999/02/22-rdf-syntax-ns#type" : predicate;
        for (const value of [values].flat()) {
          const object = type ? { type: "uri", value } : value["@id"] ? { type: "uri", value: value["@id"] } : { type: "literal", value: String(value["@value"]), "xml:lang": value["@language"] };
          list.push([{ type: "uri", value: thing["@id"] }, { type: "uri", value: iri }, object]);
        }
      }
    }
    return { columns: ["subject", "predicate", "object"], rows: list, said: `${list.length.toLocaleString()} ${say.triples}` };
  }

  // Showing ------------------------------------------------------------------------------------------------------------

  let current = null;
  function show(found, text, graphs, since) {
    current = { ...found, graphs };
    const seconds = ((performance.now() - since) / 1000).toFixed(2);
    const cut = found.rows.length > shownRows ? ` (${say.cut} ${shownRows.toLocaleString()})` : "";
    status.textContent = `${found.said}${cut}, ${seconds} ${say.took}`;
    answer.hidden = found.columns.length === 0;
    files(text, graphs ? ["ttl", "nt", "jsonld", "rdf"] : ["csv", "json", "tsv", "xml"]);
    table(found);
    view("table");
  }

  function files(text, formats) {
    const place = document.getElementById("files");
    place.replaceChildren(`${place.dataset.label} `);
    for (const format of formats) {
      const link = document.createElement("a");
      link.href = `/sparql?${new URLSearchParams({ query: text, format })}`;
      link.textContent = format;
      link.download = `answer.${format}`;
      place.append(link, " ");
    }
  }

  function table(found) {
    const element = document.createElement("table");
    const head = element.createTHead().insertRow();
    for (const name of found.columns) {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.textContent = name;
      head.append(cell);
    }
    const body = element.createTBody();
    for (const row of found.rows.slice(0, shownRows)) {
      const line = body.insertRow();
      for (const term of row) line.insertCell().append(term ? cellOf(term) : "");
    }
    document.getElementById("table").replaceChildren(element);
  }

  function cellOf(term) {
    if (term.type !== "uri") return term["xml:lang"] ? `${term.value} @${term["xml:lang"]}` : term.value;
    const link = document.createElement("a");
    link.textContent = short(term.value);
    link.title = term.value;
    if (term.value.startsWith(`${page.base}id/`) || term.value.startsWith(`${page.base}code/`)) link.href = `/${term.value.slice(page.base.length)}?lang=${lang}`;
    else if (/^https?:/.test(term.value)) Object.assign(link, { href: term.value, rel: "noopener noreferrer" });
    return link;
  }

  function short(iri) {
    const cut = Math.max(iri.lastIndexOf("/"), iri.lastIndexOf("#")) + 1;
    const prefix = Object.keys(page.prefixes).find((name) => page.prefixes[name] === iri.slice(0, cut));
    return prefix && cut < iri.length ? `${prefix}:${iri.slice(cut)}` : iri;
  }

  // The graph: in a table the first thing of a row is tied to the others by the name of their column; triples are edges.

  function edgesOf(found) {
    const edges = [];
    for (const row of found.rows) {
      if (found.graphs) {
        if (row[2].type === "uri") edges.push([row[0].value, row[2].value, short(row[1].value)]);
        continue;
      }
      const first = row.findIndex((term) => term && term.type === "uri");
      row.forEach((term, place) => {
        if (place > first && term && term.type === "uri") edges.push([row[first].value, term.value, found.columns[place]]);
      });
    }
    return edges.slice(0, drawnEdges);
  }

  let drawn = null;
  function draw() {
    const place = document.getElementById("graph");
    if (drawn) drawn.destroy();
    drawn = null;
    const edges = edgesOf(current);
    if (!edges.length) {
      place.textContent = say.nothing;
      return;
    }
    place.textContent = "";
    const ink = getComputedStyle(document.body).color;
    const names = [...new Set(edges.flatMap(([from, to]) => [from, to]))];
    const nodes = names.map((id) => ({ id, label: short(id).replace(/^[^:]*:/, ""), shape: "dot", size: 9, font: { color: ink } }));
    drawn = new vis.Network(place, {
      nodes: new vis.DataSet(nodes),
      edges: new vis.DataSet(edges.map(([from, to, label], id) => ({ id, from, to, label, arrows: "to", font: { color: ink, size: 11, strokeWidth: 0 } }))),
    }, { layout: { randomSeed: 7 }, physics: { stabilization: { iterations: 150 } }, interaction: { hover: true } });
    drawn.on("doubleClick", ({ nodes: [id] }) => {
      if (id && id.startsWith(`${page.base}id/`)) location.href = `/${id.slice(page.base.length)}?lang=${lang}`;
    });
  }

  function view(which) {
    for (const name of ["table", "graph"]) {
      document.getElementById(name).hidden = name !== which;
      document.getElementById(`as-${name}`).setAttribute("aria-pressed", String(name === which));
    }
    if (which === "graph") draw();
  }
  document.getElementById("as-table").addEventListener("click", () => view("table"));
  document.getElementById("as-graph").addEventListener("click", () => view("graph"));

  document.body.dataset.ready = "yes";
})();
