//! Others who answer in the server's place: a certificate of another authority, a captive portal, bytes without sense.

use crate::{Site, exchange_error, homes, start, visit};
use std::net::SocketAddr;
use zoufang_core::Error;
use zoufang_core::enrolment::EnrolInput;
use zoufang_core::sync::http::{HttpProtocol, ReqwestTransport};
use zoufang_domain::wire::ExchangeError;
use zoufang_tests::certificates::Authority;
use zoufang_tests::fleet::Serving;
use zoufang_tests::strangers::{GARBAGE, PORTAL, Stranger};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_another_authoritys_certificate_is_refused() {
    let site = Site::open(10).await;
    let phone = site.phone("测试甲").await;
    phone.sync_over(&site.protocol_to(&site.url())).await.unwrap();
    visit(&phone, &homes(&phone)[0], "不能交给陌生服务器");

    let folder = tempfile::tempdir().unwrap();
    let impostor = start(folder.path().to_owned(), Some(Authority::new().issue(folder.path()).unwrap()));
    let impostor = Serving::start(impostor).await.unwrap();
    let url = format!("https://{}", impostor.address());
    let refused = exchange_error(phone.sync_over(&site.protocol_to(&url)).await);
    assert_eq!(refused, ExchangeError::WrongCertificate);
    assert_eq!(phone.core().sync_status().unwrap().last_error.unwrap().id, "sync.wrong_certificate");

    let blank = site.blank_phone("测试乙");
    let input = EnrolInput { server_url: url, ca_pem: Some(site.authority.pem().to_owned()), code: "A".into() };
    let refused = blank.enrol(&input.protocol().unwrap(), input).await;
    assert!(matches!(refused, Err(Error::Exchange(ExchangeError::WrongCertificate))), "{refused:?}");
    assert_eq!(phone.sync_over(&site.protocol_to(&site.url())).await.unwrap().pushed_count, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_captive_portal_and_garbage_are_told_apart_from_a_server() {
    let site = Site::open(10).await;
    let phone = site.phone("测试甲").await;
    phone.sync_over(&site.protocol_to(&site.url())).await.unwrap();
    let before = homes(&phone);
    visit(&phone, &before[0], "连着登录页的无线网时保存");
    for answer in [PORTAL, GARBAGE] {
        let stranger = Stranger::saying(answer).await.unwrap();
        for protocol in [plain(stranger.address()), site.protocol_to(&format!("https://{}", stranger.address()))] {
            let error = exchange_error(phone.sync_over(&protocol).await);
            assert!(matches!(error, ExchangeError::NotZoufang(_)), "{error:?}");
            assert_eq!(phone.core().sync_status().unwrap().last_error.unwrap().id, "sync.not_zoufang");
        }
    }
    assert_eq!(homes(&phone).len(), before.len());
    assert_eq!(phone.core().sync_status().unwrap().unsent_count, 1);
    let report = phone.sync_over(&site.protocol_to(&site.url())).await.unwrap();
    assert_eq!((report.pushed_count, report.digests_equal), (1, Some(true)));
}

/// Plain HTTP, as a portal meets a phone whose server would be on this machine.
fn plain(address: SocketAddr) -> HttpProtocol<ReqwestTransport> {
    HttpProtocol::new(ReqwestTransport::with_timeouts(&format!("http://{address}"), None, crate::TIMEOUTS).unwrap())
}
