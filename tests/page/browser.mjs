// SPDX-License-Identifier: GPL-3.0-or-later
// A real Chromium, and what every page in it is held to.

import assert from "node:assert/strict";
import { readFileSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

/** What may be long in coming on a slow machine: a device's first window takes 5 s
 * by itself. Reached only by what fails. */
const DEADLINE_MS = 30_000;
const PICTURES = fileURLToPath(new URL("../../build/test/page/", import.meta.url));
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export function launch() {
	mkdirSync(PICTURES, { recursive: true });
	return chromium.launch({
		executablePath: "/usr/bin/chromium",
		args: [
			"--no-sandbox",
			"--disable-gpu",
			"--disable-quic",
			"--no-first-run",
			"--disable-background-networking",
			"--disable-component-update",
			"--disable-sync",
		],
	});
}

/** In the page, after each Tab: what has the focus and does not show it, and what
 * of the wanted, or else of all that takes it, did not have it yet. */
function walked(wanted) {
	const at = document.activeElement;
	const style = getComputedStyle(at);
	const shows = at === document.body ||
		(style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
	const takes =
		"a[href], button:enabled, input:enabled, select, textarea, summary, [tabindex='0']";
	const all = [...document.querySelectorAll(takes)].filter(
		(one) => one.checkVisibility({ visibilityProperty: true }),
	);

	globalThis.had ??= new WeakSet();
	globalThis.had.add(at);
	return {
		unseen: shows ? null : at.outerHTML,
		left: (wanted ? [wanted] : all)
			.filter((one) => (wanted ? one !== at : !globalThis.had.has(one)))
			.map((one) => one.outerHTML.slice(0, 200)),
	};
}

/** A tab that remembers what it asked for and what went wrong in it. */
export class Tab {
	/** Those not closed yet: what a failed test leaves. */
	static left = new Set();

	static async open(browser, url, options = {}) {
		const context = await browser.newContext({
			viewport: { width: 1200, height: 900 },
			...options,
		});
		const tab = new Tab(context, await context.newPage());

		Tab.left.add(tab);
		await tab.page.goto(url);
		return tab;
	}

	constructor(context, page) {
		this.context = context;
		this.page = page;
		this.asked = [];
		this.errors = [];
		page.setDefaultTimeout(DEADLINE_MS);
		context.on("request", (request) => this.asked.push(request.url()));
		page.on("pageerror", (error) => this.errors.push(error.message));
		page.on("console", (message) => {
			if (message.type() === "error") this.errors.push(message.text());
		});
	}

	/** Waits until the element is seen. */
	see(selector, options) {
		return this.page.locator(selector).first().waitFor(options);
	}

	seeText(text, options) {
		return this.page.getByText(text).first().waitFor(options);
	}

	/** Waits until the expression is true in the page. */
	until(expression, argument, timeout = DEADLINE_MS) {
		return this.page.waitForFunction(expression, argument, { timeout, polling: 50 });
	}

	button(name) {
		return this.page.getByRole("button", { name, exact: true });
	}

	/** The list's switch of the device with the address. */
	row(address) {
		return this.page.locator("li.device", { hasText: new RegExp(`${address}(?!\\d)`) });
	}

	async consent(exclude = "") {
		await this.page.getByLabel("Devices never to touch").fill(exclude);
		await this.page.getByRole("checkbox", { name: /^Medical/ }).check();
		await this.page.getByRole("checkbox", { name: /^This is my own/ }).check();
		await this.button("I agree: look for my devices").click();
	}

	/** Looks at the page as a person with a screen reader must be able to. */
	async checkAccessible(where) {
		const cdp = await this.context.newCDPSession(this.page);

		// not by a script element: the page's policy rightly forbids it
		await cdp.send("Runtime.evaluate", { expression: AXE });
		const { violations } = await this.page.evaluate(() => globalThis.axe.run());
		assert.deepEqual(
			violations.map(({ id, impact, nodes }) => ({
				id,
				impact,
				at: nodes.map((node) => node.html),
			})),
			[],
			`axe finds fault with ${where}`,
		);
	}

	/** Presses Tab until all of what can be done on the page had the focus, or
	 * until one element has it; each is seen to have it. */
	async tabTo(locator = null) {
		const wanted = await locator?.elementHandle();
		const end = Date.now() + DEADLINE_MS;

		for (;;) {
			await this.page.keyboard.press("Tab");
			const { unseen, left } = await this.page.evaluate(walked, wanted ?? null);
			assert.equal(unseen, null, "has the focus, and does not show it");
			if (left.length === 0) return;
			assert.ok(Date.now() < end, `not reached by Tab: ${left.join("\n")}`);
		}
	}

	/** Nothing is cut off at the side, once everything has its new size. */
	checkFits() {
		return this.until(() => document.documentElement.scrollWidth <= innerWidth);
	}

	async picture(name, options = { fullPage: true }) {
		await this.page.evaluate(() => scrollTo(0, 0));
		await this.page.screenshot({ path: `${PICTURES}${name}.png`, ...options });
	}

	/** Nothing went wrong, and nobody but the inspector was asked. */
	async close(expectedErrors = []) {
		const origin = new URL(this.page.url()).origin;
		const errors = this.errors.filter(
			(error) => !expectedErrors.some((expected) => expected.test(error)),
		);

		Tab.left.delete(this);
		await this.context.close();
		assert.deepEqual(errors, []);
		assert.deepEqual(
			this.asked.filter((url) => new URL(url).origin !== origin),
			[],
			"requests to others",
		);
	}
}
