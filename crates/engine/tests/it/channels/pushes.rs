//! Web push against a push service that reads what it forwards, as a browser would.

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

const SECRET: [u8; 16] = [3; 16];

/// A browser: RFC 8291 read backwards.
struct Browser(PrivateKey);

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn derive<const N: usize>(salt: &[u8], input: &[u8], info: &[&[u8]]) -> [u8; N] {
    let mut out = [0; N];
    Salt::new(HKDF_SHA256, salt).extract(input).expand(info, Length(N)).unwrap().fill(&mut out).unwrap();
    out
}

impl Browser {
    fn new() -> Self {
        Self(PrivateKey::generate(&ECDH_P256).unwrap())
    }

    fn key(&self) -> String {
        BASE64.encode(self.0.compute_public_key().unwrap().as_ref())
    }

    fn read(&self, body: &[u8], secret: &[u8]) -> Option<Vec<u8>> {
        let (salt, rest) = body.split_at(16);
        let (head, rest) = rest.split_at(5);
        assert_eq!(head, [0, 0, 16, 0, 65], "one record of 4096 bytes, a key of 65");
        let (theirs, text) = rest.split_at(65);
        let own = self.0.compute_public_key().unwrap();
        let input: [u8; 32] = agree(&self.0, UnparsedPublicKey::new(&ECDH_P256, theirs), (), |shared| {
            Ok(derive(secret, shared, &[b"WebPush: info\0", own.as_ref(), theirs]))
        })
        .unwrap();
        let key = UnboundKey::new(&AES_128_GCM, &derive::<16>(salt, &input, &[b"Content-Encoding: aes128gcm\0"])).unwrap();
        let nonce = Nonce::assume_unique_for_key(derive(salt, &input, &[b"Content-Encoding: nonce\0"]));
        let mut text = text.to_vec();
        let plain = LessSafeKey::new(key).open_in_place(nonce, Aad::empty(), &mut text).ok()?;
        plain.strip_suffix(&[2]).map(<[u8]>::to_vec)
    }
}

#[test]
fn the_example_of_the_standard_is_read() {
    let bytes = |text: &str| BASE64.decode(text).unwrap();
    let private = PrivateKey::from_private_key(&ECDH_P256, &bytes("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94")).unwrap();
    let body = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT\
                pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
    let read = Browser(private).read(&bytes(body), &bytes("BTBZMqHH6r4Tts7J_aSIgg"));
    assert_eq!(read.as_deref(), Some(&b"When I grow up, I want to be a watermelon"[..]));
}

/// A push service: answers with a status, and hands out the head and the body of what it got.
async fn service(status: u16) -> (String, tokio::sync::oneshot::Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let (give, got) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let (mut bytes, mut chunk) = (Vec::new(), [0; 4_096]);
        loop {
            let n = stream.read(&mut chunk).await.unwrap();
            bytes.extend_from_slice(&chunk[..n]);
            let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
            let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
            let length: usize = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse().unwrap();
            if bytes.len() - end - 4 >= length {
                stream.write_all(format!("HTTP/1.1 {status} Said\r\ncontent-length: 0\r\n\r\n").as_bytes()).await.unwrap();
                give.send((head, bytes[end + 4..].to_vec())).unwrap();
                break;
            }
        }
    });
    (base, got)
}

fn subscription(base: &str, key: &str) -> ChannelSpec {
    let endpoint = format!("{base}/push/secret-0123456789");
    spec(ChannelKind::Push, &[("endpoint", &endpoint), ("p256dh", key), ("auth_secret", &BASE64.encode(SECRET))])
}

#[tokio::test]
async fn a_browser_can_read_what_arrives() {
    let browser = Browser::new();
    let (base, got) = service(201).await;
    let sender = sender(None, Some(Vapid::generate().unwrap()));
    let attempt = sender.send(&subscription(&base, &browser.key()), &hostile(), &context()).await;
    assert!(attempt.is_delivered(), "{attempt:?}");
    assert_eq!(attempt.target, format!("POST {base}/…"));
    let (head, body) = got.await.unwrap();
    for line in ["content-encoding: aes128gcm", "ttl: 43200", "urgency: high", "topic: "] {
        assert!(head.contains(line), "{line}: {head}");
    }
    assert!(head.contains("authorization: vapid t=") && head.contains(&format!("k={}", sender.push_key().unwrap().to_lowercase())));
    let message: Value = serde_json::from_slice(&browser.read(&body, &SECRET).unwrap()).unwrap();
    assert!(Browser::new().read(&body, &SECRET).is_none(), "another browser");
    assert_eq!((message["tag"].as_str(), message["url"].as_str()), (Some("inc_1"), context().link.as_deref()));
    assert!(message["title"].as_str().unwrap().ends_with("is down"));
}

#[tokio::test]
async fn a_browser_that_is_gone_is_told_nothing_more() {
    let key = Browser::new().key();
    for (status, expected) in [(404, Again::Never), (410, Again::Never), (413, Again::Hardly), (429, Again::Later), (500, Again::Later)] {
        let (base, _got) = service(status).await;
        let attempt =
            sender(None, Some(Vapid::generate().unwrap())).send(&subscription(&base, &key), &sample(Event::Down), &context()).await;
        assert_eq!(again(&attempt), Some(expected), "{attempt:?}");
        assert!(!format!("{attempt:?}").contains("secret-0123456789"), "{attempt:?}");
    }
    let attempt = sender(None, None).send(&subscription("http://127.0.0.1:1", &key), &sample(Event::Down), &context()).await;
    assert!(attempt.error().unwrap_or_default().contains("no keys"), "{attempt:?}");
}
