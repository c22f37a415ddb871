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
	const label = () => {
		button.textContent = table.classList.contains("folded")
			? `Show all ${count} rows`
			: "Show the first 10";
	};
	table.classList.add("folded");
	label();
	button.addEventListener("click", () => {
		table.classList.toggle("folded");
		label();
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
const COLOURS = ["var(--first)", "var(--second)", "var(--third)"];

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
			range: COLOURS,
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

/** Each method's devices by outcome. */
function outcomes(rows: Row[]): Element {
	const kinds = ["validated", "not_validated", "no_data"];
	const known = rows.filter((row) => row["validated"] !== "");
	const shares = known.flatMap((row) =>
		kinds.map((kind) => ({
			method: row["method"],
			outcome: kind.replaceAll("_", " "),
			share: Number(row[kind]) * 100,
		})),
	);
	return Plot.plot({
		width: WIDTH,
		height: 60 + 36 * known.length,
		marginLeft: 120,
		x: { label: "% of the standardised devices", domain: [0, 100] },
		y: { label: null, domain: known.map((row) => row["method"]) },
		color: {
			legend: true,
			domain: kinds.map((kind) => kind.replaceAll("_", " ")),
			range: COLOURS,
		},
		marks: [
			Plot.barX(shares, {
				y: "method",
				x: "share",
				fill: "outcome",
				title: (d: (typeof shares)[number]) =>
					`${d.method}, ${d.outcome}: ${d.share.toFixed(1)}%`,
			}),
		],
	});
}

/** How often each method alone, and any of all, is wrong, with its range. */
function errors(rows: Row[]): Element {
	const most = Math.max(
		...rows.map((row) => (row["validator"] ?? "").split("+").length),
	);
	const rates = rows
		.filter(
			(row) =>
				row["standard"] === rows[0]!["standard"] &&
				(row["rule"] === "alone" ||
					(row["rule"] === "any" &&
						row["validator"]!.split("+").length === most)),
		)
		.flatMap((row) =>
			["false_positive", "false_negative"].map((kind) => ({
				validator:
					(row["rule"] === "any" ? "any of them" : row["validator"]) +
					(row["truth"] === "real" ? " (real)" : ""),
				kind: kind.replace("_", " "),
				rate: row[kind] === "" ? NaN : Number(row[kind]) * 100,
				low: Number(row[`${kind}_low`] || NaN) * 100,
				high: Number(row[`${kind}_high`] || NaN) * 100,
			})),
		);
	const validators = [...new Set(rates.map((rate) => rate.validator))];
	return Plot.plot({
		width: WIDTH,
		height: 60 + 44 * validators.length,
		marginLeft: 120,
		x: { label: "% of its devices", domain: [0, 100], grid: true },
		y: { axis: null, domain: ["false positive", "false negative"] },
		fy: { label: null, domain: validators, axis: "left" },
		color: {
			legend: true,
			domain: ["false positive", "false negative"],
			range: [COLOURS[1]!, COLOURS[0]!],
		},
		marks: [
			Plot.ruleY(rates, {
				fy: "validator",
				y: "kind",
				x1: "low",
				x2: "high",
				stroke: "kind",
				strokeWidth: 2,
			}),
			Plot.dot(rates, {
				fy: "validator",
				y: "kind",
				x: "rate",
				fill: "kind",
				r: 4,
				title: (d: (typeof rates)[number]) =>
					`${d.validator}, ${d.kind}: ${d.rate.toFixed(1)}%`,
			}),
		],
	});
}

/** The first numbers that anybody asks for, above all tables. */
function showNumbers(): void {
	const cell = (id: string, key: string, value: string, is: string) => {
		const table = document.querySelector<HTMLTableElement>(
			`#${id} table`,
		);
		const row = table && rowsOf(table).find((r) => r[key] === is);
		return row?.[value];
	};
	const numbers: [string, string | undefined][] = [
		["users", cell("users", "figure", "value", "users")],
		["active users", cell("users", "figure", "value", "active users")],
		...["discovered", "monitored", "labelled", "standardised", "validated"].map(
			(step): [string, string | undefined] => [
				`devices ${step}`,
				cell("population", "step", "devices", step),
			],
		),
		["vendors", cell("population", "step", "vendors", "validated")],
	];
	const box = document.createElement("div");
	box.className = "numbers";
	for (const [name, value] of numbers) {
		if (!value) continue;
		const number = document.createElement("div");
		const shown = document.createElement("b");
		shown.textContent = Number(value).toLocaleString("en");
		number.append(shown, name);
		box.append(number);
	}
	document.querySelector("h1")!.after(box);
}

const figures: Record<string, (rows: Row[]) => Element> = {
	table1: outcomes,
	score: errors,
	figure3: dailyUsers,
	figure4: durations,
	figure5: durations,
};

showNumbers();
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
