// SPDX-License-Identifier: GPL-3.0-or-later
// The endpoints a device talked to, most bytes first.

import { Fragment } from "preact";
import { useSignal } from "@preact/signals";
import type { Endpoint, Endpoints } from "../api";
import type { Palette } from "../chart/palette";
import { ago, bytes, certified, plural, port, protocol } from "../format";
import type { Span } from "../spans";
import { now } from "../store";
import { useKeptFocus } from "./kept-focus";
import { Swatch } from "./swatch";

interface Props {
	found: Endpoints;
	span: Span;
	palette: Palette;
}

/** As many as a phone's screen or two have room for. */
const SHOWN = 6;

export function EndpointTable({ found, span, palette }: Props) {
	const all = useSignal(false);
	const { endpoints } = found;
	const shown = all.value ? endpoints : endpoints.slice(0, SHOWN);

	useKeptFocus();
	return (
		<div class="card scroll endpoints">
			<table>
				<caption>
					{plural(found.endpoints.length + found.more, "endpoint")} in the last {span.label}
				</caption>
				<thead>
					<tr>
						<th scope="col">Endpoint</th>
						<th scope="col">Port</th>
						<th scope="col" class="number">
							To device
						</th>
						<th scope="col" class="number">
							From device
						</th>
						<th scope="col">Last seen</th>
					</tr>
				</thead>
				<tbody>
					{shown.map((one) => (
						<Row key={one.endpoint} endpoint={one} palette={palette} />
					))}
				</tbody>
			</table>
			{endpoints.length > SHOWN && (
				<button
					type="button"
					class="small"
					aria-expanded={all.value}
					onClick={() => (all.value = !all.value)}
				>
					{all.value ? "Show fewer" : `Show all ${endpoints.length}`}
				</button>
			)}
			{found.more > 0 && (
				<p class="muted">{plural(found.more, "more endpoint")} with fewer bytes.</p>
			)}
		</div>
	);
}

function Row({ endpoint, palette }: { endpoint: Endpoint; palette: Palette }) {
	return (
		<tr>
			<th scope="row">
				<div class="swatched">
					<Swatch palette={palette} endpoint={endpoint.endpoint} />
					<span class="text">
						{endpoint.endpoint}
						{endpoint.doubt !== null && (
							<abbr title={`uncertain: ${endpoint.doubt}`}> ?</abbr>
						)}
						<Tags endpoint={endpoint} />
						<small class="sentence">{sentence(endpoint)}</small>
						{endpoint.normal !== null && (
							<small class="normal">{usual(endpoint.normal)}</small>
						)}
						<details>
							<summary>How we know</summary>
							<small>{evidence(endpoint)}</small>
							{whose(endpoint).map((line) => (
								<small key={line}>{line}</small>
							))}
						</details>
					</span>
				</div>
			</th>
			<td data-label="Port">{endpoint.ports.map(port).join(", ")}</td>
			<td class="number" data-label="To device">
				{bytes(endpoint.in_bytes)}
			</td>
			<td class="number" data-label="From device">
				{bytes(endpoint.out_bytes)}
			</td>
			<td data-label="Last seen">{ago(endpoint.last_seen, now.value)}</td>
		</tr>
	);
}

/** What to see at a glance. */
function Tags({ endpoint }: { endpoint: Endpoint }) {
	const { listed, country, encryption, party, local } = endpoint;
	const tags: [string | false | undefined, string][] = [
		[local && "home network", ""],
		[listed?.category, listed?.category === "malicious" ? "bad" : "warn"],
		[encryption === "clear" && "not encrypted", "warn"],
		[party === "third" && "third party", ""],
		[country?.name, ""],
	];

	return (
		<>
			{tags.map(
				([text, tone]) =>
					text && (
						<Fragment key={text}>
							{" "}
							<span class={`tag ${tone}`}>{text}</span>
						</Fragment>
					),
			)}
		</>
	);
}

function sentence({ sentence }: Endpoint): string {
	return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`;
}

/** "94 % of 120 homes with such a device (Roku television) contact its domain." */
function usual({ homes, share, vendor, category }: NonNullable<Endpoint["normal"]>): string {
	const percent = Math.round(share * 100);

	return `${percent} % of ${homes} homes with such a device (${vendor} ${category}) contact its domain.`;
}

/** To the device; of what is at home or not known, nothing is said. */
const PARTIES: Partial<Record<Endpoint["party"], string>> = {
	first: "first party: the device’s maker, or who owns it",
	support: "rented by anybody: neither first nor third party",
	third: "third party: another company than the device’s maker",
};

/** Whose it is and where, each with its source. */
function whose(endpoint: Endpoint): string[] {
	const { company, listed, network, country, platform, port_meaning, certificate } = endpoint;
	const { registered_domain, party } = endpoint;
	const owner = company?.owner ? ` of ${company.owner}` : "";

	return [
		registered_domain && `belongs to the domain ${registered_domain}`,
		PARTIES[party],
		company?.name && `${company.name}${owner}${company.reason ? `: ${company.reason}` : ""}`,
		certificate && `shows a certificate for ${certified(certificate)}, which anybody on the way can read`,
		platform && `devices are controlled by way of it: ${platform}`,
		listed && `${listed.category}, by ${listed.list ?? "a list"}`,
		country && `address in ${country.name}`,
		network && `in the network of ${network.name ?? "a provider"} (number AS${network.number})`,
		port_meaning && `what its port is for: ${port_meaning}`,
		endpoint.applications.length > 0 &&
			`what they spoke (protocol): ${endpoint.applications.map(protocol).join(", ")}`,
	].filter((line): line is string => typeof line === "string" && line !== "");
}

/** How its name is known, and the addresses behind it. */
function evidence(endpoint: Endpoint): string {
	const addresses = endpoint.addresses.join(", ");

	switch (endpoint.name_source) {
		case "dns":
			return `${addresses} · name that the device looked up (DNS) at ${endpoint.resolvers.join(", ")}`;
		case "sni":
			return `${addresses} · name by which the device greeted it (TLS)`;
		case "http_host":
			return `${addresses} · name as the device asked for it (HTTP)`;
		case "other_device":
			return `${addresses} · name that another device of yours knows it by`;
		case "reverse":
			return `${addresses} · name that the address's owner gives it`;
		case "crowd":
			return `${addresses} · name that most other homes know it by, as your collector says`;
		case null:
			return isMulticast(endpoint.endpoint)
				? "to every device of the network that listens"
				: `${addresses} · no name seen for this address`;
	}
}

/** 224.0.0.0/4, ff00::/8 and 255.255.255.255. */
function isMulticast(address: string): boolean {
	return /^(22[4-9]|23\d)\.|^255\.255\.255\.255$|^ff[0-9a-f]{2}:/i.test(address);
}
