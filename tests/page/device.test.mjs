// SPDX-License-Identifier: GPL-3.0-or-later
// What a device's page shows of it, as long as it is watched.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
	PHONE,
	devices,
	home,
	lookUntil,
	open,
	showAll,
	skip,
	unfold,
	watchTv,
} from "./steps.mjs";

/** Extensions of a hello, by their numbers. */
const ECH = "65037";
const ESNI = "65486";

/** The names that the TV contacted so far, by its own diary, once they fit: it
 * writes of a request when that has ended. */
function contactedNames(fit) {
	return lookUntil(
		() => home.call("names", { device: "tv" }),
		fit,
		(names) => `the TV contacted ${names}, not so that ${fit}`,
	);
}

test("a watched TV's chart and table fill, live, with the names it really contacted", { skip }, async () => {
	const tab = await watchTv();
	const shown = () => tab.page.locator("tbody th .text").allInnerTexts();
	const contacted = await contactedNames((names) => names.length >= 7);

	await showAll(tab);
	await tab.until((names) => {
		const rows = [...document.querySelectorAll("tbody th .text")];
		return names.every((name) => rows.some((row) => row.textContent.startsWith(name)));
	}, contacted);
	// a name with a question mark is what others call the address
	const rows = await shown();
	await contactedNames((names) =>
		rows.every((row) => {
			const [name, doubt] = row.split(/\s/);
			return names.includes(name) || /^[0-9a-f.:]+$/.test(name) || doubt === "?";
		}),
	);
	await tab.until(() => document.querySelectorAll(".legend li").length >= 5);
	const before = await tab.page.locator("tbody").first().innerText();
	await tab.until(
		(text) => document.querySelector("tbody").innerText !== text,
		before,
	);
	await tab.checkAccessible("a device's page");
	await tab.picture("device");
	await tab.page.emulateMedia({ colorScheme: "dark" });
	await tab.checkAccessible("a device's page in the dark");
	await tab.picture("device-dark");
	await tab.button("Show fewer").click();
	await tab.page.setViewportSize(PHONE);
	await tab.checkFits();
	await tab.picture("device-phone");
	const screens = await tab.page.evaluate(() => document.body.scrollHeight / innerHeight);
	assert.ok(screens < 5, `a phone has to scroll ${screens} screens`);
	await tab.close();
});

test("what is folded away is opened by keyboard, and judged by either set of rules", { skip }, async () => {
	const tab = await watchTv();
	const greet = (...options) => home.call("greet", { device: "tv", name: "api.roku.com", options });
	const part = tab.page.locator("details.fold", { hasText: "How it protects what it says" });

	await greet("-tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=0");
	await greet("-tls1_2", "-serverinfo", ECH);
	await greet("-tls1_2", "-serverinfo", ESNI);
	const readable = part.locator("dt:text-is('Readable by others') + dd");

	await part.getByText(/^\d+(\.\d)? % encrypted$/).waitFor();
	await part.locator("summary").first().focus();
	await tab.page.keyboard.press("Enter");
	await part.getByText("the names that it looks up (DNS) among it").waitFor();
	await part.getByText(/8\.8\.8\.8 \(DNS\)/).first().waitFor();
	await tab.until(() => !/^0 %/.test(document.querySelector("details.fold dl").innerText));
	await part.getByText(/offered TLS 1\.0.*, got TLS 1\.0/).waitFor();
	await part.getByText(/^Without forward secrecy: 1 offered only that, 1 got that\. /).waitFor();
	await part.getByText(/^2 connections offered to hide .* \(ECH or ESNI\)\.$/).waitFor();
	await part.getByText(/^\d+ ways? of beginning encrypted connections$/).click();
	await part.getByText(/^t1[0-3][di]\d{4}\w\w_[0-9a-f]{12}_[0-9a-f]{12}, \d+ times?, last /).first().waitFor();
	await tab.button("The paper’s rules").focus();
	await tab.page.keyboard.press("Space");
	await part.getByText(/^What the researchers’ paper of 2020 counted/).waitFor();
	assert.match(await readable.innerText(), /these rules say nothing/);
	await unfold(tab, "How much of it we see");
	await tab.seeText(/whether more went past us cannot be told from outside/);
	await unfold(tab, "What changed");
	await tab.seeText(/^What it usually does is being learnt until /);
	await unfold(tab, "What it says about itself");
	await showAll(tab);
	await tab.checkAccessible("a device's page with all of it open");
	await tab.picture("device-open");
	await tab.page.setViewportSize(PHONE);
	await tab.checkFits();
	await tab.picture("device-open-phone");
	await tab.close();
});

test("the chart has the colours of the legend", { skip }, async () => {
	const tab = await watchTv();

	await tab.until(() => document.querySelectorAll(".legend li").length >= 5);
	// it is painted when the browser comes to it
	await tab.until(() => {
		const canvas = document.querySelector("canvas");
		const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
		const painted = new Set();
		for (let i = 0; i < data.length; i += 4)
			painted.add(`rgb(${data[i]}, ${data[i + 1]}, ${data[i + 2]})`);
		const most = document.querySelector(".legend .swatch");
		const colour = getComputedStyle(most).backgroundColor;
		return painted.has(colour);
	});
	await tab.close();
});

test("what a device says of itself is shown as text, whatever it is", { skip }, async () => {
	const tab = await open();
	const server = "<img src=x onerror=\"document.title='owned'\">";

	await tab.consent();
	await tab.row(devices.bulb.address).getByRole("switch").waitFor();
	await home.call("notify", { device: "bulb", server });
	await tab.row(devices.bulb.address).getByRole("link").click();
	await unfold(tab, "What it says about itself");
	await tab.seeText(server);
	assert.notEqual(await tab.page.title(), "owned");
	assert.equal(await tab.page.locator("main img").count(), 0);
	await tab.close();
});

test("who an endpoint is stands in one sentence, with tags and how we know", { skip }, async () => {
	const tab = await watchTv();
	const row = tab.page.locator("tbody tr", { hasText: "ad.doubleclick.net" });

	await showAll(tab);
	await row.getByText("Reports to Google, a search and advertising company.").waitFor();
	await row.getByText("advertising", { exact: true }).waitFor();
	await row.getByText("How we know").click();
	await row.getByText(/^[\d.]+ · name /).waitFor();
	await row.getByText(/^advertising, by /).waitFor();
	await row.getByText("belongs to the domain doubleclick.net").waitFor();
	await row.getByText("third party: another company than the device’s maker").waitFor();
	// its TLS is old, so that the certificate was to be read by everyone
	const firmware = tab.page.locator("tbody tr", { hasText: "firmware.tv.example" });
	await firmware.getByText("How we know").click();
	await firmware.getByText("shows a certificate for lab, which anybody on the way can read").waitFor();
	await tab.close();
});

test("a device is told for what it is, by evidence that is shown", { skip }, async () => {
	const tab = await watchTv();

	await tab.page.getByText(/^Most likely: Roku, /).waitFor();
	const card = tab.page.locator("section.card", { hasText: "Most likely: " });
	await card.getByText(/^\d+ % sure$/).waitFor();
	await card.getByText("Why").click();
	await card.getByRole("listitem").getByText("Roku").first().waitFor();
	await tab.page.getByRole("heading", { level: 1, name: /^Roku / }).waitFor();
	await tab.close();
});
