// SPDX-License-Identifier: GPL-3.0-or-later
//
// A report is complete without this: it makes the tables sortable and draws
// the figures from the tables that are there.
import * as Plot from "@observablehq/plot";

type Row = Record<string, string>;

/** A cell's exact value: what is shown is rounded. */
function valueOf(cell: Element | undefined): string {
	return (
		cell?.getAttribute("data-value") ?? cell?.textContent ?? ""
	);
}

function rowsOf(table: HTMLTableElement): Row[] {
	const names = [...table.tHead!.rows[0]!.cells].map(
		(cell) => cell.dataset["name"] ?? "",
	);
	return [...table.tBodies[0]!.rows].map((row) =>
		Object.fromEntries(
			names.map((name, i) => [name, valueOf(row.cells[i])]),
		),
	);
}

/** Numbers by size, texts by the language's order; nothing comes last. */
function compare(a: string, b: string, isNumber: boolean): number {
	if (a === "" || b === "") return a === b ? 0 : a === "" ? 1 : -1;
	return isNumber ? Number(a) - Number(b) : a.localeCompare(b);
}

function sort(table: HTMLTableElement, column: number): void {
	const headings = [...table.tHead!.rows[0]!.cells];
	const heading = headings[column]!;
	const isNumber = heading.classList.contains("n");
	const before = heading.getAttribute("aria-sort");
	const isUp = before ? before === "descending" : !isNumber;
	const body = table.tBodies[0]!;

	const filled: HTMLTableRowElement[] = [];
	const empty: HTMLTableRowElement[] = [];
	for (const row of body.rows)
		(valueOf(row.cells[column]) === "" ? empty : filled).push(row);
	filled.sort(
		(a, b) =>
			(isUp ? 1 : -1) *
			compare(
				valueOf(a.cells[column]),
				valueOf(b.cells[column]),
				isNumber,
			),
	);
	body.append(...filled, ...empty);
	for (const other of headings) other.removeAttribute("aria-sort");
	heading.setAttribute("aria-sort", isUp ? "ascending" : "descending");
}

function makeSortable(table: HTMLTableElement): void {
	[...table.tHead!.rows[0]!.cells].forEach((heading, column) => {
		const button = document.createElement("button");
		button.type = "button";
		button.append(...heading.childNodes);
		button.addEventListener("click", () => sort(table, column));
		heading.append(button);
	});
}

/** Shows the first rows of a long table (as report.css has it) until all are
 * asked for. */
const FEW_ROWS = 20;
function fold(table: HTMLTableElement): void {
	const count = table.tBodies[0]!.rows.length;
	if (count <= FEW_ROWS) return;
	const button = document.createElement("button");
	button.type = "button";
	button.className = "more";
	button.textContent = `Show all ${count} rows`;
	table.classList.add("folded");
	button.addEventListener("click", () => {
		table.classList.remove("folded");
		button.remove();
	});
	table.parentElement!.after(button);
}

/** The browser's own names of countries, beside their codes. */
function nameCountries(table: HTMLTableElement): void {
	const column = [...table.tHead!.rows[0]!.cells].findIndex(
		(cell) => cell.dataset["name"] === "country",
	);
	if (column < 0) return;
	const names = new Intl.DisplayNames(["en"], { type: "region" });
	for (const row of table.tBodies[0]!.rows) {
		const cell = row.cells[column]!;
		const code = cell.textContent ?? "";
		if (!/^[A-Z]{2}$/.test(code)) continue;
		cell.textContent = `${names.of(code)} (${code})`;
	}
}

const WIDTH = 840;

function dailyUsers(rows: Row[]): Element {
	const days = rows.flatMap((row) =>
		["existing", "new"].map((kind) => ({
			day: new Date(`${row["day"]}T00:00:00Z`),
			users: Number(row[kind]),
			kind,
		})),
	);
	return Plot.plot({
		width: WIDTH,
		height: 260,
		x: { type: "utc", label: "UTC day" },
		y: { label: "active users", grid: true },
		color: {
			legend: true,
			domain: ["existing", "new"],
			range: ["var(--first)", "var(--second)"],
		},
		marks: [
			Plot.areaY(days, {
				x: "day",
				y: "users",
				fill: "kind",
				curve: "step",
			}),
			Plot.ruleY([0]),
		],
	});
}

function durations(rows: Row[]): Element {
	const groups = [...new Set(rows.map((row) => row["users_with"]))];
	const steps = [...new Set(rows.map((row) => row["duration"]))];
	const shares = rows.map((row) => ({
		group: row["users_with"],
		duration: row["duration"],
		share: Number(row["share"]) * 100,
	}));
	return Plot.plot({
		width: WIDTH,
		height: 60 + 48 * groups.length,
		marginLeft: 100,
		x: { label: "% of the group's users", domain: [0, 100] },
		y: { label: null, domain: groups },
		color: {
			legend: true,
			type: "ordinal",
			domain: steps,
			scheme: "viridis",
		},
		marks: [
			Plot.barX(shares, {
				y: "group",
				x: "share",
				fill: "duration",
				order: steps as string[],
				title: (d: (typeof shares)[number]) =>
					`${d.group}, ${d.duration}: ${d.share.toFixed(1)}%`,
			}),
		],
	});
}

const figures: Record<string, (rows: Row[]) => Element> = {
	figure3: dailyUsers,
	figure4: durations,
	figure5: durations,
};

for (const section of document.querySelectorAll("section[id]")) {
	const table = section.querySelector("table");
	if (!table) continue;
	const draw = figures[section.id];
	const rows = rowsOf(table);
	if (draw && rows.length) {
		const figure = document.createElement("figure");
		figure.append(draw(rows));
		table.parentElement!.before(figure);
	}
	nameCountries(table);
	makeSortable(table);
	fold(table);
}
