// SPDX-License-Identifier: GPL-3.0-or-later
// What the page's tests have in common: the real program over the lab's home, in
// a real browser, both made anew for each file of tests.

import assert from "node:assert/strict";
import { after, afterEach, before } from "node:test";
import { Tab, launch } from "./browser.mjs";
import { Home } from "./home.mjs";

export const PHONE = { width: 390, height: 800 };

const root = process.getuid() === 0;
export const skip = root ? false : "needs root, to make network namespaces";

export let browser;
export let home;
/** The truth of the home: {name: {address, mac}}. */
export let devices;

before(async () => {
	if (!root) return;
	[home, browser] = await Promise.all([Home.build(), launch()]);
	devices = await home.call("devices");
	await home.call("live", { device: "tv" });
});

// Whatever fails here, the next test begins without an inspector.
afterEach(async (context) => {
	const left = [...Tab.left];

	Tab.left.clear();
	try {
		for (const tab of left) {
			context.diagnostic(`the page's errors: ${JSON.stringify(tab.errors)}`);
			await tab.picture(`failed: ${context.name}`);
			await tab.context.close();
		}
	} finally {
		await home?.call("stop");
	}
});

after(async () => {
	await browser?.close();
	await home?.close();
});

export async function open(run = {}, options = {}) {
	const { url } = await home.call("start", run);

	return Tab.open(browser, url, options);
}

/** The page of an inspector that watches the TV, at the TV's own page. */
export async function watchTv(run) {
	const tab = await open(run);

	await tab.consent();
	await tab.row(devices.tv.address).getByRole("switch").click();
	await tab.row(devices.tv.address).getByText(/^Watching for/).waitFor();
	await tab.row(devices.tv.address).getByRole("link").click();
	await tab.see("canvas");
	return tab;
}

/** Every endpoint, not only those with the most bytes. */
export function showAll(tab) {
	return tab.page.getByRole("button", { name: /^Show all \d+$/ }).click();
}

/** What is folded away, opened. */
export function unfold(tab, title) {
	return tab.page.locator("summary", { hasText: title }).click();
}

/** Until device and router have each other's true hardware address. */
export function untilDirect(device) {
	return untilPoisoned(device, [null, null]);
}

export function untilIntercepted(device) {
	return untilPoisoned(device, [devices.inspector.mac, devices.inspector.mac]);
}

function untilPoisoned(device, wanted) {
	const text = JSON.stringify(wanted);

	return lookUntil(
		async () => JSON.stringify(await home.call("poisoned", { device })),
		(found) => found === text,
		(found) => `${device} and router have ${found}, not ${text}`,
		10_000,
	);
}

/** Looks until what is found fits, and gives that; what a page itself can tell
 * is for Tab.until(). */
export async function lookUntil(look, fits, complaint, timeout = 30_000) {
	const end = Date.now() + timeout;

	for (;;) {
		const found = await look();
		if (fits(found)) return found;
		assert.ok(Date.now() < end, complaint(found));
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}
