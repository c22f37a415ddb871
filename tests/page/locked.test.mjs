// SPDX-License-Identifier: GPL-3.0-or-later
// Devices that are locked, opened again, or the same as another.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PHONE, devices, home, open, skip } from "./steps.mjs";

/** The page of the phone, which its owner has locked. */
async function lockPhone(tab) {
	const { address } = devices.phone;

	await tab.consent();
	await tab.row(address).getByRole("link").click();
	await tab.page.getByRole("button", { name: /^It is somebody's computer/ }).click();
	await tab.button("Lock it and delete its data").click();
	await tab.page.getByRole("heading", { name: `${address} is locked` }).waitFor();
}

/** Once the phone's page is that of a device that may be watched. */
async function untilUnlocked(tab) {
	await tab.page.getByRole("switch").waitFor();
	await tab.page.getByRole("link", { name: "← All devices" }).click();
	await tab.row(devices.phone.address).getByRole("switch").waitFor();
	assert.equal(await tab.page.getByRole("list", { name: /^Locked/ }).count(), 0);
}

test("a locked device is an address and a reason, and nothing more", { skip }, async () => {
	const tab = await open();

	await lockPhone(tab);
	assert.equal(await tab.page.getByRole("switch").count(), 0);
	await tab.button("Unlock it on the device itself").waitFor();
	await tab.page.reload();
	await tab.button("Unlock it on the device itself").waitFor();
	await tab.page.getByRole("link", { name: "← All devices" }).click();
	const row = tab.page.getByRole("list", { name: /^Locked/ }).getByRole("listitem");
	await row.waitFor();
	assert.equal(await row.getByRole("switch").count(), 0);
	assert.equal(await row.innerText(), `${devices.phone.address}\nLocked by you.`);
	await tab.checkAccessible("a list with a locked device");
	await tab.picture("locked");
	await tab.close();
});

test("the whole hardware address unlocks, another is refused in words; one click locks again", { skip }, async () => {
	const tab = await open();

	await lockPhone(tab);
	await tab.page.getByText("It has no browser").click();
	const field = tab.page.getByLabel(/^Its whole hardware/);
	await field.fill("da:a1");
	await tab.seeText("That is no hardware address.");
	await field.fill(devices.tv.mac);
	await tab.button("Unlock").click();
	await tab.seeText("That is not its MAC.");
	await tab.picture("unlock-refused");
	await field.fill(devices.phone.mac.toUpperCase().replaceAll(":", "-"));
	await tab.button("Unlock").click();
	await untilUnlocked(tab);
	await tab.row(devices.phone.address).getByRole("link").click();
	await tab.button("Lock again and erase what was recorded").click();
	await tab.page.getByRole("heading", { name: `${devices.phone.address} is locked` }).waitFor();
	await tab.close([/409/]);
});

test("a button pressed on the device itself unlocks it", { skip }, async () => {
	const tab = await open();

	await lockPhone(tab);
	await tab.button("Unlock it on the device itself").click();
	const url = await tab.page.locator("code.address").innerText();
	await tab.checkAccessible("the page of a locked device");
	await tab.page.setViewportSize(PHONE);
	await tab.checkFits();
	await tab.picture("unlock-phone");
	await home.call("fetch", { device: "tv", url, press: true });
	await tab.seeText(`It was opened on another device, ${devices.tv.address}.`);
	assert.match(await home.call("fetch", { device: "phone", url }), /<form/);
	await home.call("fetch", { device: "phone", url, press: true });
	await untilUnlocked(tab);
	await tab.close();
});

test("a phone that announces itself is locked without having been watched", { skip }, async () => {
	const tab = await open();
	const { address } = devices.iphone;

	await tab.consent();
	await tab.row(address).waitFor();
	await home.call("live", { device: "iphone" });
	try {
		const row = tab.page
			.getByRole("list", { name: /^Locked/ })
			.getByRole("listitem")
			.filter({ hasText: address });
		await row.waitFor();
		assert.ok(!(await row.innerText()).includes("Anna"), "its name is withheld");
		await row.getByRole("link").click();
		await tab.page.getByRole("heading", { name: `${address} is locked` }).waitFor();
		await tab.picture("locked-by-itself");
	} finally {
		await home.call("rest", { device: "iphone" });
	}
	await tab.close();
});

test("a thing that came back under another address is made one", { skip }, async () => {
	const { address, mac } = devices.bulb;
	const again = address.replace(/\d+$/, "77");
	const server = "Roku/9.1 UPnP/1.0 Roku/9.1";
	const tab = await open();

	await tab.consent();
	await tab.row(address).getByRole("switch").waitFor();
	await home.call("notify", { device: "bulb", server });
	await tab.row(address).getByText("Roku").first().waitFor();
	await home.call("appear_as", { device: "bulb", mac: "3a:22:01:00:00:77", address: again });
	try {
		await tab.row(again).getByRole("link").waitFor();
		await home.call("notify", { device: "bulb", server });
		await tab.row(again).getByRole("link").click();
		await tab.seeText("Probably the same device as");
		await tab.button("They are the same: make them one").click();
		await tab.seeText("This cannot be undone.");
		await tab.picture("made-one");
		await tab.button("Make them one").click();
		await tab.page.getByRole("link", { name: "← All devices" }).click();
		await tab.row(again).getByRole("link").waitFor();
		await tab.row(address).waitFor({ state: "detached" });
	} finally {
		await home.call("appear_as", { device: "bulb", mac, address });
	}
	await tab.close();
});
