// SPDX-License-Identifier: GPL-3.0-or-later
// What a device is called, and what its watch is doing, in words.

import type { ClueKind, ListedDevice, Watch } from "./api";
import { duration } from "./format";

export function title(device: ListedDevice): string {
	if (device.name !== null) {
		const clue = device.names.find((name) => name.text === device.name);

		return clue ? clueText(clue.kind, clue.text) : device.name;
	}
	if (device.gateway) return "Router";
	const { vendor, category_text } = device.identity ?? {};
	if (vendor && category_text) return `${vendor} ${category_text}`;
	return device.vendor === null ? "Unknown device" : `${short(device.vendor)} device`;
}

/** A company as one calls it: "TP-LINK TECHNOLOGIES CO.,LTD." without its form. */
function short(company: string): string {
	const form = /[\s,]+(Inc|Ltd|LLC|Co|Corp|Corporate|Corporation|Limited|GmbH|AG|SA|BV|B\.V)\.?$/i;
	const shorter = company.replace(form, "");

	return shorter === company || shorter === "" ? company : short(shorter);
}

/** Whether the title already says who made it. */
export function isNamedByMaker(device: ListedDevice): boolean {
	return device.name === null && !device.gateway && device.vendor !== null;
}

/** Who made its network card. */
export function maker(device: ListedDevice): string {
	if (device.vendor !== null) return device.vendor;
	if (device.private_mac) return "maker hidden";
	return device.oui === null ? "maker unknown" : `maker unknown (${device.oui})`;
}

export interface WatchWords {
	tone: "idle" | "busy" | "good" | "bad";
	text: string;
}

export function watchWords(watch: Watch, now: number): WatchWords {
	switch (watch.phase) {
		case "off":
			return { tone: "idle", text: "Not watched" };
		case "waiting":
			return { tone: "busy", text: "Waiting for the device to appear" };
		case "checking":
			return { tone: "busy", text: "Checking that its connection stays good…" };
		case "active":
			return {
				tone: "good",
				text:
					watch.since === null
						? "Watching"
						: `Watching for ${duration(Math.max(0, now - watch.since))}`,
			};
		case "released":
			return {
				tone: "bad",
				text: `Let go: ${watch.reason ?? "its connection was not good"}`,
			};
		case "peer":
			return { tone: "idle", text: `Not watched: ${watch.reason ?? "another inspector watches it"}` };
		case "paused":
			return { tone: "idle", text: "Paused" };
	}
}

/** Where a name or clue was heard. */
export const CLUES: Record<ClueKind, string> = {
	dhcp_hostname: "name it gave the router (DHCP)",
	dhcp_vendor_class: "its system, as told the router (DHCP)",
	dhcp_parameters: "settings it asked the router for (DHCP)",
	dhcp_fqdn: "full name it gave the router (DHCP)",
	mdns_host: "name it announces (mDNS)",
	mdns_service: "service it offers (mDNS)",
	mdns_instance: "name of a service it offers (mDNS)",
	mdns_txt: "detail of a service (mDNS)",
	ssdp_server: "its software, as announced (SSDP)",
	ssdp_usn: "its identifier, as announced (SSDP)",
	ssdp_type: "kind of device it says it is (SSDP)",
	ssdp_location: "where it describes itself (SSDP)",
	user_agent: "program that asks for web pages (HTTP)",
	dhcp_client_id: "identifier it gave the router (DHCP)",
	dhcp6_fqdn: "full name it gave the router (DHCPv6)",
	dhcp6_vendor_class: "its system, as told the router (DHCPv6)",
	dhcp6_options: "settings it asked the router for (DHCPv6)",
	dhcp6_client_id: "identifier it gave the router (DHCPv6)",
	llmnr_name: "name it answers to (LLMNR)",
	netbios_name: "name it registered (NetBIOS)",
	mqtt_client_id: "name it gives its message broker (MQTT)",
	tuya_product: "product it announces (Tuya)",
	upnp_friendly_name: "name in its own description (UPnP)",
	upnp_manufacturer: "maker in its own description (UPnP)",
	upnp_model: "model in its own description (UPnP)",
	upnp_model_number: "model number in its own description (UPnP)",
	dhcp_server: "it hands out addresses (DHCP)",
	ipv6_resolvers: "resolvers that IPv6 names (router, DHCPv6)",
};

/**
 * A clue as a person reads it: of an mDNS service instance ("HP
 * OfficeJet._ipp._tcp.local") its name alone. What a device put into it to be
 * read as something else was escaped by the inspector, and stays so.
 */
export function clueText(kind: ClueKind, text: string): string {
	return kind === "mdns_instance" ? text.replace(/\._.*$/, "") : text;
}

/** By number, so that .9 comes before .10; those without an address last. */
export function byAddress(a: ListedDevice, b: ListedDevice): number {
	return sortKey(a.address) < sortKey(b.address) ? -1 : 1;
}

function sortKey(address: string | null): string {
	return (address ?? "~").replace(/\d+/g, (digits) => digits.padStart(4, "0"));
}
