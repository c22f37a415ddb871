// SPDX-License-Identifier: GPL-3.0-or-later
// What a person agrees to. Whoever changes what it says raises the version,
// here and in the hub, and everybody is asked again.

export const CONSENT_VERSION = 2;

export function ConsentText() {
	return (
		<>
			<section>
				<h2>What it does</h2>
				<p>
					It finds the devices of your home network, asks them to introduce themselves,
					and lists them with what they are likely to be. For the devices that you
					switch on in that list, and only for those, it shows live who they talk to. To see that, it tells the device and your router to send their
					traffic by way of this computer (“ARP spoofing”, and the same for IPv6), which passes everything on
					unchanged. When you stop, it puts the network back as it was.
				</p>
			</section>
			<div class="columns">
				<section>
					<h2>What is collected</h2>
					<ul class="marks yes">
						<li>
							Of devices you <strong>switch on</strong>: which Internet addresses and
							names they contact, when, and how many bytes go each way
						</li>
						<li>
							Their name look-ups (DNS), the kinds of protocol they speak, and the greeting with which they open an
							encrypted connection (TLS)
						</li>
						<li>
							Of unencrypted web requests: the site's name and the kind of program that
							asks
						</li>
						<li>
							Of <strong>every</strong> device that you do not exclude: what it announces to the whole network, or answers when everybody is asked: its
							address, maker, model, and the names it gives itself. Such a name may hold a person's name (“Danny's TV”)
						</li>
					</ul>
				</section>
				<section>
					<h2>What is not</h2>
					<ul class="marks no">
						<li>
							The content of what devices send: no pages, pictures, sound, messages or
							passwords
						</li>
						<li>Any other traffic of devices you did not switch on</li>
						<li>
							What phones and computers do: they are locked as soon as they are recognised,
							and until it is known what a device is, what it does is held back in memory
						</li>
						<li>
							Your name, your e-mail address, your location
						</li>
						<li>
							<strong>Nothing leaves your home.</strong> It is kept on this computer, under
							your user account, until you delete it, and for 13 months at most. Your own
							router may be asked for the name of an address that a device talked to, and
							may ask its provider; “Settings” switches that off
						</li>
					</ul>
				</section>
			</div>
			<section>
				<h2>What can go wrong</h2>
				<ul>
					<li>
						Your network may get slower. While you play online games or hold video
						calls, better pause it.
					</li>
					<li>
						A device, or in rare cases the whole network, may lose its connection. The
						inspector lets a device go when it notices that. If something still does
						not work: <strong>stop the inspector, then restart your router</strong>.
					</li>
					<li>
						Virus scanners and some routers take this technique for an attack, and warn
						of it or block it.
					</li>
					<li>
						It comes without warranty, and nobody has tried it with every device.
					</li>
				</ul>
			</section>
			<section class="caution">
				<h2>Medical and safety devices first</h2>
				<p>
					If somebody's health or safety depends on a device (a medical monitor, an
					emergency button, an alarm), <strong>disconnect it from this network</strong>,
					or exclude it, before you start. If you can do neither, do not use the
					inspector.
				</p>
			</section>
			<section class="caution">
				<h2>Other people</h2>
				<p>
					What a device does can tell what a person does. Do not watch the devices of
					people who have not agreed to it: housemates, guests, tenants, neighbours.
					In many places it is also against the law. Phones and computers are not for
					watching, and a device whose name ends in “-noinspect” is left alone.
				</p>
			</section>
			<section>
				<h2>You can always end it</h2>
				<p>
					Pause and stop are on top of every page. Closing the last page stops it
					within 15 seconds, unless it was started with <code>--service</code>. Under
					“Privacy” you can withdraw your consent and delete everything recorded, at any
					time.
				</p>
			</section>
		</>
	);
}
