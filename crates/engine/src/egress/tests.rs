use super::*;

fn kind(policy: &EgressPolicy, address: &str) -> &'static str {
    match policy.check(address.parse().unwrap()) {
        Ok(()) => "public",
        Err(refusal) => refusal.kind,
    }
}

#[test]
fn only_public_addresses_are_reached_by_default() {
    let cases = [
        // The edges of each range.
        ("0.0.0.0", "unspecified"),
        ("0.255.255.255", "unspecified"),
        ("1.0.0.0", "public"),
        ("9.255.255.255", "public"),
        ("10.0.0.0", "private"),
        ("10.255.255.255", "private"),
        ("11.0.0.0", "public"),
        ("100.63.255.255", "public"),
        ("100.64.0.0", "shared by a carrier"),
        ("100.127.255.255", "shared by a carrier"),
        ("100.128.0.0", "public"),
        ("127.0.0.1", "loopback"),
        ("127.255.255.255", "loopback"),
        ("169.253.255.255", "public"),
        ("169.254.0.0", "link-local"),
        ("169.255.0.0", "public"),
        ("172.15.255.255", "public"),
        ("172.16.0.0", "private"),
        ("172.31.255.255", "private"),
        ("172.32.0.0", "public"),
        ("192.0.0.255", "reserved"),
        ("192.0.1.0", "public"),
        ("192.0.2.1", "documentation"),
        ("192.88.99.1", "reserved"),
        ("192.167.255.255", "public"),
        ("192.168.0.1", "private"),
        ("192.169.0.0", "public"),
        ("198.17.255.255", "public"),
        ("198.18.0.0", "benchmarking"),
        ("198.19.255.255", "benchmarking"),
        ("198.51.100.1", "documentation"),
        ("203.0.113.1", "documentation"),
        ("223.255.255.255", "public"),
        ("224.0.0.1", "multicast"),
        ("239.255.255.255", "multicast"),
        ("240.0.0.0", "reserved"),
        ("255.255.255.255", "reserved"),
        ("::", "unspecified"),
        ("::1", "loopback"),
        ("::2", "reserved"),
        ("100::", "reserved"),
        ("1fff::", "reserved"),
        ("2000::", "public"),
        ("2001::1", "reserved"),
        ("2001:1ff::", "reserved"),
        ("2001:200::", "public"),
        ("2001:db8::1", "documentation"),
        ("2002:a00:1::", "tunnel"),
        ("2606:4700:4700::1111", "public"),
        ("3fff:fff::", "documentation"),
        ("3fff:1000::", "public"),
        ("4000::", "reserved"),
        ("fc00::1", "private"),
        ("fdff::1", "private"),
        ("fe80::1", "link-local"),
        ("febf::1", "link-local"),
        ("fec0::1", "reserved"),
        ("ff02::1", "multicast"),
    ];
    for (address, expected) in cases {
        let policy = EgressPolicy::public_only();
        assert_eq!(kind(&policy, address), expected, "{address}");
        assert_eq!(kind(&EgressPolicy::all(), address), "public", "{address}");
    }
}

#[test]
fn where_clouds_tell_machines_their_keys_is_not_reached() {
    for address in [
        "169.254.169.254",
        "169.254.170.2",
        "168.63.129.16",
        "100.100.100.200",
        "192.0.0.192",
        "fd00:ec2::254",
        "fd20:ce::254",
    ] {
        let policy = EgressPolicy::public_only();
        assert_ne!(kind(&policy, address), "public", "{address}");
    }
}

#[test]
fn addresses_that_stand_for_others_are_judged_as_these() {
    let cases = [
        ("::ffff:127.0.0.1", "loopback"),
        ("::ffff:10.0.0.1", "private"),
        ("::ffff:169.254.169.254", "link-local"),
        ("::ffff:1.1.1.1", "public"),
        ("64:ff9b::7f00:1", "loopback"),
        ("64:ff9b::a9fe:a9fe", "link-local"),
        ("64:ff9b::101:101", "public"),
        // Others that hold an IPv4 address are refused whatever it is.
        ("64:ff9b:1::101:101", "private"),
        ("::101:101", "reserved"),
        ("2002:101:101::", "tunnel"),
        ("::ffff:0:101:101", "reserved"),
    ];
    for (address, expected) in cases {
        let policy = EgressPolicy::public_only();
        assert_eq!(kind(&policy, address), expected, "{address}");
    }
    let policy: EgressPolicy = "10.0.0.0/8".parse().unwrap();
    assert_eq!(kind(&policy, "::ffff:10.0.0.1"), "public");
    assert_eq!(kind(&policy, "64:ff9b::a00:1"), "public");
    assert_eq!(kind(&policy, "::ffff:127.0.0.1"), "loopback");
    let policy: EgressPolicy = "64:ff9b::a00:0/104".parse().unwrap();
    assert_eq!(kind(&policy, "64:ff9b::a00:1"), "public");
    assert_eq!(kind(&policy, "10.0.0.1"), "private");
}

#[test]
fn ranges_are_allowed_in_addition() {
    let policy: EgressPolicy = " 10.1.0.0/16, 127.0.0.1 ,fd00::/8,,".parse().unwrap();
    let cases = [
        ("10.1.255.255", "public"),
        ("10.2.0.0", "private"),
        ("127.0.0.1", "public"),
        ("127.0.0.2", "loopback"),
        ("::1", "loopback"),
        ("fd12::1", "public"),
        ("fc00::1", "private"),
        ("8.8.8.8", "public"),
    ];
    for (address, expected) in cases {
        assert_eq!(kind(&policy, address), expected, "{address}");
    }
    let everything: EgressPolicy = "0.0.0.0/0".parse().unwrap();
    assert_eq!(kind(&everything, "127.0.0.1"), "public");
    assert_eq!(kind(&everything, "::1"), "loopback");
    for all in ["all", " ALL "] {
        assert_eq!(all.parse(), Ok(EgressPolicy::all()));
    }
    for none in ["", " ", ","] {
        assert_eq!(none.parse(), Ok(EgressPolicy::public_only()));
    }
}

#[test]
fn bad_ranges_say_what_is_meant() {
    let error = |text: &str| text.parse::<EgressPolicy>().unwrap_err().to_string();
    for bad in [
        "10.0.0.0/33",
        "::/129",
        "10.0.0.0/",
        "10.0.0.0/-1",
        "10.0.0/8",
        "db.internal",
        "none",
        "10.0.0.0/8/8",
    ] {
        let text = error(&format!("fd00::/8, {bad}"));
        let expected = format!(
            "{bad:?} is not a range of addresses; write \"all\", or ranges such as 10.0.0.0/8, with commas in between"
        );
        assert_eq!(text, expected);
    }
    assert_eq!(
        error("10.1.2.3/8"),
        "\"10.1.2.3/8\" has address bits behind its prefix; write 10.0.0.0/8, or a longer prefix"
    );
    assert_eq!(
        error("fd00::1/0"),
        "\"fd00::1/0\" has address bits behind its prefix; write ::/0, or a longer prefix"
    );
}
