// Opens HTML reports in Chromium and uses them: usage: node page.cjs FOLDER, with what pages.py makes there.
//
// CHROMIUM names the browser. Prints a table; ends with 1 if any row failed.

const assert = require("assert/strict");
const fs = require("fs");
const path = require("path");
const { chromium } = require("playwright-core");

const folder = path.resolve(process.argv[2]);
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const read = (name) => JSON.parse(fs.readFileSync(path.join(folder, `${name}.json`), "utf8"));
const url = (name) => `file://${path.join(folder, `${name}.html`)}`;

// How long a page may take to load and to paint, in milliseconds, on two slow cores that do other things, too.
const LIMITS = { nothing: 5000, many: 25000 };

let browser;
const faults = [];

// A page in a browser of its own. Whatever it asks for but itself, logs or fails with is a fault.
const open = async (name, options = {}, act = async () => {}) => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.on("request", (request) => {
    if (request.url().split("#")[0] !== url(name)) faults.push(`${name} asks for ${request.url()}`);
  });
  page.on("console", (message) => faults.push(`${name} logs ${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => faults.push(`${name} fails: ${error.message}`));
  page.on("dialog", (dialog) => {
    faults.push(`${name} says ${dialog.message()}`);
    dialog.dismiss();
  });
  page.setDefaultTimeout(60_000);
  const start = Date.now();
  await page.goto(url(name));
  // Without scripts no frame calls back.
  const painted = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))";
  if (options.javaScriptEnabled !== false) await page.evaluate(painted);
  const took = Date.now() - start;
  await act(page, took);
  await context.close();
  return took;
};

const shownNames = (page) =>
  page.$$eval("#table tbody:not([hidden]) tr:first-child th code", (names) => names.map((it) => it.textContent));
const names = (credentials) => credentials.map((it) => it.key_id ?? it.secret ?? it.token);
const counting = (report) => report.credentials.filter((it) => it.suppressed === null);

const checks = {
  async "a page without findings"() {
    const took = await open("nothing", {}, async (page) => {
      assert.equal(await page.textContent("h1"), "no credentials found");
      assert.equal(await page.locator("#table, #tools").count(), 0);
      assert.equal(await page.locator("text=Everything was scanned.").count(), 1);
    });
    assert.ok(took < LIMITS.nothing, `${took} ms`);
    return `${took} ms`;
  },

  async "a page of 10,000 findings loads, sorts, filters and searches in time"() {
    let report = "";
    await open("many", {}, async (page, took) => {
      assert.ok(took < LIMITS.many, `${took} ms`);
      const times = await page.evaluate(async () => {
        const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
        const times = {};
        const time = async (name, act) => {
          const start = performance.now();
          act();
          await frame();
          times[name] = Math.round(performance.now() - start);
        };
        const search = document.querySelector("#search");
        const type = (text) => {
          search.value = text;
          search.dispatchEvent(new Event("input"));
          return new Promise((done) => setTimeout(done, 125));
        };
        await time("sorts", () => document.querySelectorAll("#table .sort")[1].click());
        await type("billing");
        await time("searches", () => type("grace"));
        await time("filters", () => {
          const menu = document.querySelector("#severity");
          menu.value = "1";
          menu.dispatchEvent(new Event("change"));
        });
        return times;
      });
      const told = Object.entries(times).map(([what, time]) => `${what} in ${time} ms`);
      for (const [what, time] of Object.entries(times)) assert.ok(time < 10_000, `${what}: ${time} ms`);
      const rows = await page.locator("#table tbody").count();
      assert.equal(rows, counting(read("many")).length);
      report = `${rows} rows; loads in ${took} ms, ${told.join(", ")}`;
    });
    return report;
  },

  async "rows are in the report's order; each column sorts, the other way round, and back"() {
    const credentials = counting(read("hundred"));
    const order = names(credentials);
    const rank = { critical: 3, high: 2, medium: 1, low: 0 };
    const dates = credentials.map((it) => Date.parse(it.introduced_in?.committed ?? ""));
    const columns = [
      ["Severity", credentials.map((it) => rank[it.severity]), -1],
      ["Credential", order.map((name) => name.toLowerCase()), 1],
      ["Findings", credentials.map((it) => it.counts.findings), -1],
      ["Introduced", dates, 1],
    ];
    await open("hundred", {}, async (page) => {
      assert.deepEqual(await shownNames(page), order);
      for (const [column, keys, first] of columns) {
        const by = (way) => {
          const sorted = order.map((_, nth) => nth).sort((a, b) => {
            const less = keys[a] < keys[b] ? -1 : keys[a] > keys[b] ? 1 : 0;
            return way * less || a - b;
          });
          return sorted.map((nth) => order[nth]);
        };
        const heading = page.locator("#table thead th", { hasText: column });
        for (const way of [first, -first]) {
          await heading.locator("button").click();
          const said = await heading.getAttribute("aria-sort");
          assert.equal(said, way === 1 ? "ascending" : "descending", column);
          assert.deepEqual(await shownNames(page), by(way), `${column}, ${said}`);
        }
        await heading.locator("button").click();
        assert.equal(await page.locator("#table [aria-sort]").count(), 0);
        assert.deepEqual(await shownNames(page), order, `${column}, back`);
      }
    });
    return `${order.length} rows, ${columns.length} columns`;
  },

  async "menus and the search show what they say, and how many"() {
    const report = read("hundred");
    const credentials = counting(report);
    const where = (is) => names(credentials.filter(is));
    const inRepository = (name) => (it) =>
      report.findings.some((finding) => finding.credential_id === it.id && finding.repository.name === name);
    const menus = [
      ["severity", "critical", (it) => it.severity === "critical"],
      ["repository", "tools", inRepository("tools")],
      ["account", credentials[0].account.id, (it) => it.account?.id === credentials[0].account.id],
      ["there", "no", (it) => !it.still_there],
      ["fails", "fails", (it) => it.fails],
    ];
    await open("hundred", {}, async (page) => {
      const check = async (expected, what) => {
        assert.ok(expected.length > 0, what);
        assert.deepEqual(await shownNames(page), expected, what);
        const all = credentials.length;
        const told = expected.length === all ? `${all} credentials` : `${expected.length} of ${all} credentials`;
        assert.equal(await page.textContent("#count"), told);
      };
      for (const [menu, label, is] of menus) {
        const option = page.locator(`#${menu} option`, { hasText: new RegExp(`^${label}( |$)`) });
        await page.selectOption(`#${menu}`, await option.getAttribute("value"));
        await check(where(is), `${menu} ${label}`);
        await page.click("#reset");
      }
      await page.selectOption("#there", "0");
      await page.selectOption("#severity", { index: 1 });
      await check(where((it) => !it.still_there && it.severity === "critical"), "both");
      await page.click("#reset");
      const [first] = credentials;
      for (const [typed, expected] of [
        [first.key_id.toLowerCase(), [first.key_id]],
        [`  ${first.key_id}   critical `, [first.key_id]],
        ["jürgen", where((it) => mentions(report, it, "Jürgen"))],
        ["backup/eu", where((it) => mentions(report, it, "backup/eu"))],
      ]) {
        await page.fill("#search", typed);
        await page.waitForTimeout(300);
        await check(expected, typed);
      }
      await page.fill("#search", "no such text");
      await page.waitForTimeout(300);
      assert.ok(await page.isVisible("#nothing"));
      // A name in the overview is a filter, too.
      await page.locator(".breakdown button.filter", { hasText: "tools" }).click();
      await check(where(inRepository("tools")), "tools");
    });
    return `${menus.length} menus`;
  },

  async "rows unfold by mouse, key and link; what is copied is the command"() {
    await open("hundred", { permissions: ["clipboard-read", "clipboard-write"] }, async (page) => {
      await page.keyboard.press("Tab");
      assert.equal(await page.evaluate("document.activeElement.className"), "skip");
      await page.keyboard.press("Enter");
      const row = page.locator("#table tbody").nth(1);
      const isOpen = () => row.locator("details").evaluate((it) => it.open);
      await row.locator("tr:first-child td").nth(2).click();
      assert.ok(await isOpen(), "by mouse");
      await row.locator("summary").focus();
      await page.keyboard.press("Enter");
      assert.ok(!(await isOpen()), "by key");
      await page.locator(`.lanes a[href="#${await row.getAttribute("id")}"]`).click();
      await page.waitForFunction((id) => document.getElementById(id).querySelector("details").open, await row.getAttribute("id"));
      const command = row.locator("pre.copy", { hasText: "git -C" }).first();
      await command.locator("button").click();
      await page.waitForFunction(() => [...document.querySelectorAll("button.copies")].some((it) => it.textContent === "Copied"));
      const copied = await page.evaluate("navigator.clipboard.readText()");
      assert.equal(copied, await command.locator("code").textContent());
      await page.click("#unfold");
      assert.equal(await page.locator("#table details[open]").count(), counting(read("hundred")).length);
      await page.click("#fold");
      assert.equal(await page.locator("#table details[open]").count(), 0);
    });
    return "";
  },

  async "printed, every row is unfolded and nothing is there to click"() {
    for (const javaScriptEnabled of [true, false]) {
      await open("hundred", { javaScriptEnabled }, async (page) => {
        await page.emulateMedia({ media: "print" });
        if (javaScriptEnabled) await page.evaluate('dispatchEvent(new Event("beforeprint"))');
        const unfolded = page.locator("#table .unfolded");
        assert.ok((await unfolded.last().boundingBox()).height > 100, `script: ${javaScriptEnabled}`);
        assert.ok(!(await page.isVisible("#tools")) && !(await page.locator("#table summary").first().isVisible()));
        assert.ok((await page.pdf()).length > 50_000);
        // Which tells the page before and after.
        assert.equal(await page.locator("#table details[open]").count(), 0);
      });
    }
    return "with and without the script";
  },

  async "without the script everything is there, in the same order"() {
    const order = names(counting(read("hundred")));
    await open("hundred", { javaScriptEnabled: false }, async (page) => {
      assert.deepEqual(await page.locator("#table tbody tr:first-child th code").allTextContents(), order);
      assert.ok(await page.locator("#table tbody").first().isVisible());
      assert.ok(!(await page.isVisible("#tools")));
      const row = page.locator("#table tbody").first();
      assert.ok(!(await row.locator(".unfolded").isVisible()));
      await row.locator("summary").click();
      assert.ok(await row.locator(".unfolded").isVisible());
      assert.equal(await page.locator("button:visible").count(), 0);
    });
    return `${order.length} rows`;
  },

  async "axe-core finds no violation on a page of 100 findings, light and dark, folded and unfolded"() {
    let passes = 0;
    for (const colorScheme of ["light", "dark"]) {
      for (const width of [1280, 390]) {
        await open("hundred", { colorScheme, viewport: { width, height: 900 } }, async (page) => {
          for (const unfold of [false, true]) {
            if (unfold) for (const nth of [0, 30, 60]) await page.locator("#table summary").nth(nth).click();
            await page.evaluate(axe);
            const { violations, passes: passed } = await page.evaluate("axe.run()");
            const told = violations.map((it) => `${it.id}: ${it.nodes.length} × ${it.nodes[0].html.slice(0, 120)}`);
            assert.deepEqual(told, [], `${colorScheme}, ${width}, unfolded: ${unfold}`);
            passes += passed.length;
          }
        });
      }
    }
    return `${passes} rules passed`;
  },

  async "hostile names are text, and none pushes the page aside"() {
    const report = read("hostile");
    for (const width of [1280, 390]) {
      await open("hostile", { viewport: { width, height: 900 } }, async (page) => {
        await page.click("#unfold");
        const strange = await page.$$eval("script, img, b, i, iframe, object, link, base", (all) => all.map((it) => it.outerHTML.slice(0, 80)));
        assert.equal(strange.length, 1, strange.join(" "));
        const shown = await page.locator("#table .place code").allTextContents();
        for (const { path: name } of report.findings) assert.ok(shown.some((it) => it.startsWith(name)), name.slice(0, 80));
        const text = await page.textContent("main");
        assert.ok(!/[\u202a-\u202e\u2066-\u2069\x1b]/.test(text), "a control character");
        const overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
        assert.ok(overflow <= 0, `${overflow} px too wide at ${width}`);
      });
    }
    return `${report.findings.length} findings`;
  },

  async "no page asked for anything, logged or failed"() {
    assert.deepEqual(faults, []);
    return "";
  },
};

// Whether a finding of the credential has the text: in its path, or as an author.
// The page names the commit that removed something by its ID and day, not by its author.
const mentions = (report, credential, text) =>
  report.findings.some(({ credential_id: id, path, exposure }) => {
    const shown = { ...exposure, removed_in: null };
    return id === credential.id && JSON.stringify([path, shown]).includes(text);
  });

const main = async () => {
  const flags = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
  // Chromium's sandbox does not work as root.
  if (process.getuid() === 0) flags.push("--no-sandbox");
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: flags });
  let failed = 0;
  for (const [name, check] of Object.entries(checks)) {
    let row;
    try {
      row = ["ok", await check()];
    } catch (fault) {
      row = ["FAIL", fault.message];
      failed += 1;
    }
    console.log(`${row[0].padEnd(5)} ${name.padEnd(66)} ${row[1]}`.trimEnd());
  }
  await browser.close();
  process.exit(failed ? 1 : 0);
};

main().catch((fault) => {
  console.error(fault);
  process.exit(1);
});
