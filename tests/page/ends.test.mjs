// SPDX-License-Identifier: GPL-3.0-or-later
// How a watch, the program and a consent end, and what the page says of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { devices, home, skip, untilDirect, watchTv } from "./steps.mjs";

test("stop puts the network back, ends the program and says so", { skip }, async () => {
	const tab = await watchTv();

	await tab.button("Stop and restore").click();
	await tab.seeText("Stopped. The network is as it was before.");
	assert.equal(await home.call("wait_end", { deadline: 20 }), 0);
	await untilDirect("tv");
	await tab.checkAccessible("the page after stop");
	await tab.picture("stopped");
	await tab.close([/net::/]);
});

test("a program that is ended from its terminal says so on the page", { skip }, async () => {
	const tab = await watchTv();

	await home.call("interrupt");
	await tab.seeText("Stopped. The network is as it was before.");
	assert.equal(await home.call("wait_end", { deadline: 20 }), 0);
	await tab.close([/net::/]);
});

test("closing the last page ends the session within 15 seconds and restores", { skip }, async () => {
	const tab = await watchTv({ service: false });
	const closed = Date.now();

	await tab.close();
	// and what it takes to restore
	assert.equal(await home.call("wait_end", { deadline: 15 + 10 }), 0);
	const seconds = (Date.now() - closed) / 1000;
	assert.ok(seconds > 10, `it ended after ${seconds} s`);
	await untilDirect("tv");
});

test("a reload in session mode is not a farewell", { skip }, async () => {
	const tab = await watchTv({ service: false });

	await tab.page.reload();
	await tab.see("canvas");
	await tab.page.getByText(/^Watching Roku.* since/).waitFor();
	await tab.close();
});

test("when the connection is lost the page says so, and comes back by itself", { skip }, async () => {
	const tab = await watchTv();

	await home.call("kill", { process: "hub" });
	await tab.seeText("No connection to the inspector.");
	await tab.picture("lost");
	await tab.until(() => !document.body.innerText.includes("No connection"));
	await tab.page.getByText(/^Watching Roku.* since/).waitFor();
	await tab.close([/net::/]);
});

test("withdrawal with deletion leaves the consent page and no record", { skip }, async () => {
	const tab = await watchTv();

	await tab.until(() => document.querySelectorAll("tbody tr").length > 3);
	await tab.page.getByRole("link", { name: "Privacy" }).click();
	await tab.checkAccessible("the privacy page");
	await tab.picture("privacy");
	await tab.button("Withdraw and delete my data").click();
	await tab.button("Withdraw and delete everything").click();
	await tab.seeText("Before anything starts");
	await tab.page.getByText(/^Deleted: \d+ record/).waitFor();
	await untilDirect("tv");
	await tab.consent();
	await tab.row(devices.tv.address).getByRole("link").click();
	await tab.seeText("No traffic recorded in the last 5 min");
	await tab.close();
});
