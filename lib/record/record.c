// SPDX-License-Identifier: GPL-3.0-or-later
#include "record/record.h"

#include "record/record_fields.h"

const char *const record_clue_names[RECORD_CLUE_KINDS] = {
	[RECORD_CLUE_DHCP_HOSTNAME] = "dhcp_hostname",
	[RECORD_CLUE_DHCP_VENDOR_CLASS] = "dhcp_vendor_class",
	[RECORD_CLUE_DHCP_PARAMETERS] = "dhcp_parameters",
	[RECORD_CLUE_DHCP_FQDN] = "dhcp_fqdn",
	[RECORD_CLUE_MDNS_HOST] = "mdns_host",
	[RECORD_CLUE_MDNS_SERVICE] = "mdns_service",
	[RECORD_CLUE_MDNS_INSTANCE] = "mdns_instance",
	[RECORD_CLUE_MDNS_TXT] = "mdns_txt",
	[RECORD_CLUE_SSDP_SERVER] = "ssdp_server",
	[RECORD_CLUE_SSDP_USN] = "ssdp_usn",
	[RECORD_CLUE_SSDP_TYPE] = "ssdp_type",
	[RECORD_CLUE_SSDP_LOCATION] = "ssdp_location",
	[RECORD_CLUE_USER_AGENT] = "user_agent",
	[RECORD_CLUE_DHCP_CLIENT_ID] = "dhcp_client_id",
	[RECORD_CLUE_DHCP6_FQDN] = "dhcp6_fqdn",
	[RECORD_CLUE_DHCP6_VENDOR_CLASS] = "dhcp6_vendor_class",
	[RECORD_CLUE_DHCP6_OPTIONS] = "dhcp6_options",
	[RECORD_CLUE_DHCP6_CLIENT_ID] = "dhcp6_client_id",
	[RECORD_CLUE_LLMNR_NAME] = "llmnr_name",
	[RECORD_CLUE_NETBIOS_NAME] = "netbios_name",
	[RECORD_CLUE_MQTT_CLIENT_ID] = "mqtt_client_id",
	[RECORD_CLUE_TUYA_PRODUCT] = "tuya_product",
	[RECORD_CLUE_UPNP_FRIENDLY_NAME] = "upnp_friendly_name",
	[RECORD_CLUE_UPNP_MANUFACTURER] = "upnp_manufacturer",
	[RECORD_CLUE_UPNP_MODEL] = "upnp_model",
	[RECORD_CLUE_UPNP_MODEL_NUMBER] = "upnp_model_number",
	[RECORD_CLUE_DHCP_SERVER] = "dhcp_server",
	[RECORD_CLUE_IPV6_RESOLVERS] = "ipv6_resolvers",
};

const char *const record_application_names[RECORD_APPLICATIONS] = {
	[RECORD_APPLICATION_DNS] = "dns",
	[RECORD_APPLICATION_DOT] = "dot",
	[RECORD_APPLICATION_DOH] = "doh",
	[RECORD_APPLICATION_DOQ] = "doq",
	[RECORD_APPLICATION_MDNS] = "mdns",
	[RECORD_APPLICATION_LLMNR] = "llmnr",
	[RECORD_APPLICATION_NETBIOS] = "netbios",
	[RECORD_APPLICATION_NTP] = "ntp",
	[RECORD_APPLICATION_MQTT] = "mqtt",
	[RECORD_APPLICATION_COAP] = "coap",
	[RECORD_APPLICATION_STUN] = "stun",
	[RECORD_APPLICATION_RTSP] = "rtsp",
	[RECORD_APPLICATION_TUYA] = "tuya",
	[RECORD_APPLICATION_TELNET] = "telnet",
	[RECORD_APPLICATION_FTP] = "ftp",
	[RECORD_APPLICATION_SSH] = "ssh",
	[RECORD_APPLICATION_HTTP] = "http",
	[RECORD_APPLICATION_TLS] = "tls",
	[RECORD_APPLICATION_QUIC] = "quic",
	[RECORD_APPLICATION_GOOGLE_QUIC] = "google-quic",
	[RECORD_APPLICATION_SSDP] = "ssdp",
	[RECORD_APPLICATION_DHCP] = "dhcp",
	[RECORD_APPLICATION_DHCP6] = "dhcp6",
	[RECORD_APPLICATION_MATTER] = "matter",
	[RECORD_APPLICATION_SMTP] = "smtp",
	[RECORD_APPLICATION_POP3] = "pop3",
	[RECORD_APPLICATION_IMAP] = "imap",
	[RECORD_APPLICATION_XMPP] = "xmpp",
	[RECORD_APPLICATION_LDAP] = "ldap",
	[RECORD_APPLICATION_AMQP] = "amqp",
	[RECORD_APPLICATION_SIP] = "sip",
};

const char *record_clue_name(enum record_clue_kind kind)
{
	return record_clue_names[kind];
}

const char *record_application_name(enum record_application application)
{
	return record_application_names[application];
}

#define FIELD(name)                                           \
	{                                                     \
#name, offsetof(struct record_counters, name) \
	}

const struct record_counter_field record_counter_fields[] = {
	FIELD(frames),
	FIELD(bytes),
	FIELD(truncated),
	FIELD(malformed),
	FIELD(unsupported),
	FIELD(fragments),
	FIELD(second_copies),
	FIELD(other_traffic),
	FIELD(devices_refused),
	FIELD(flows_refused),
	FIELD(names_refused),
	FIELD(clues_refused),
	FIELD(hellos_refused),
	FIELD(http_refused),
	FIELD(servers_refused),
	FIELD(services_refused),
	FIELD(streams_refused),
	FIELD(streams_abandoned),
	FIELD(stream_bytes_refused),
	FIELD(gaps_refused),
	FIELD(initials_refused),
	FIELD(texts_cut),
	FIELD(late_frames),
	FIELD(windows_lost),
	FIELD(ring_dropped),
};

const size_t record_counter_field_count =
	sizeof(record_counter_fields) / sizeof(*record_counter_fields);

_Static_assert(sizeof(record_counter_fields) / sizeof(*record_counter_fields) ==
		       sizeof(struct record_counters) / sizeof(uint64_t),
	       "every counter has a name");
