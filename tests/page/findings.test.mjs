// SPDX-License-Identifier: GPL-3.0-or-later
// What was found in a watched home, and what is done about it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PHONE, home, showAll, skip, watchTv } from "./steps.mjs";

test("a finding shows its evidence, is looked at again and put aside", { skip }, async () => {
	const tab = await watchTv();
	const text = "Its encryption is outdated and can be broken.";
	const finding = tab.page.locator("li.finding", { hasText: text });

	await finding.waitFor();
	await tab.page.getByRole("link", { name: /^Warnings/ }).click();
	await finding.getByRole("link", { name: /^Roku/ }).waitFor();
	await finding.getByText("What this rests on").click();
	await finding.getByRole("listitem").first().waitFor();
	assert.ok((await finding.getByRole("listitem").count()) >= 2, "what was seen, and the rule");
	await tab.checkAccessible("the warnings");
	await tab.picture("warnings");
	await tab.page.setViewportSize(PHONE);
	await tab.checkFits();
	await tab.picture("warnings-phone");
	await finding.getByRole("button", { name: "Look again" }).click();
	await tab.page.getByText(/^It was seen .* It is called gone after /).waitFor();
	await finding.getByRole("button", { name: "I know, put it aside" }).click();
	await finding.waitFor({ state: "hidden" });
	await tab.page.getByText("1 finding gone or put aside").click();
	await finding.getByText(/dismissed$/).waitFor();
	assert.equal(await finding.getByRole("button").count(), 0);
	await tab.close();
});

test("a finding that goes on is counted on", { skip }, async () => {
	const tab = await watchTv();
	const text = "Its encryption is outdated and can be broken.";
	const finding = tab.page.locator("li.finding", { hasText: text });

	await finding.getByText(/^\d+ times, last /).waitFor({ timeout: 60_000 });
	await tab.close();
});

test("a host of an imported list of malicious ones is an alarm on the page", { skip }, async () => {
	const name = "captive.apple.com";

	await home.call("import_list", {
		name: "bad.txt",
		text: `! Title: Malicious hosts of the lab\n||${name}^\n`,
	});
	const tab = await watchTv();
	await home.call("fetch", { device: "tv", url: `http://${name}/` });
	const finding = tab.page.locator("li.finding", {
		hasText: "It talks to a computer that is known for attacks.",
	});
	await finding.getByText("alarm", { exact: true }).waitFor();
	await finding.getByText("What this rests on").click();
	await finding.getByText(/is in the list Malicious hosts of the lab/).waitFor();
	await showAll(tab);
	const row = tab.page.locator("tbody tr", { hasText: name });
	await row.getByText("malicious", { exact: true }).waitFor();
	await row.getByText(/which the list Malicious hosts of the lab has as malicious/).waitFor();
	await tab.checkAccessible("an alarm");
	await tab.close();
});
