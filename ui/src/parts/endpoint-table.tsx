// SPDX-License-Identifier: GPL-3.0-or-later
// The endpoints a device talked to, most bytes first.

import type { Endpoint, Endpoints } from "../api";
import type { Palette } from "../chart/palette";
import { ago, bytes, plural } from "../format";
import type { Span } from "../spans";
import { now } from "../store";
import { Swatch } from "./swatch";

interface Props {
	found: Endpoints;
	span: Span;
	palette: Palette;
}

export function EndpointTable({ found, span, palette }: Props) {
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
					{found.endpoints.map((one) => (
						<Row key={one.endpoint} endpoint={one} palette={palette} />
					))}
				</tbody>
			</table>
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
						{endpoint.local && <span class="tag">home network</span>}
						<small>{evidence(endpoint)}</small>
					</span>
				</div>
			</th>
			<td data-label="Port">{endpoint.ports.join(", ")}</td>
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

/** How its name is known, and the addresses behind it. */
function evidence(endpoint: Endpoint): string {
	const addresses = endpoint.addresses.join(", ");

	switch (endpoint.name_source) {
		case "dns":
			return `${addresses} · name by DNS from ${endpoint.resolvers.join(", ")}`;
		case "sni":
			return `${addresses} · name as the device greeted it (TLS)`;
		case "http_host":
			return `${addresses} · name as the device asked for it (HTTP)`;
		case null:
			return isMulticast(endpoint.endpoint)
				? "to every device of the network that listens"
				: "no name seen for this address";
	}
}

/** 224.0.0.0/4, ff00::/8 and 255.255.255.255. */
function isMulticast(address: string): boolean {
	return /^(22[4-9]|23\d)\.|^255\.255\.255\.255$|^ff[0-9a-f]{2}:/i.test(address);
}
