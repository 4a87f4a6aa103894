//! Workload W's records, made from a seed: the same bytes on every machine, checked against their SHA-256.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// SHA-256 of the 2,000 visits as lines of JSON, each with its newline.
pub const W2000_SHA256: &str = "2c10bd43e715d8f93c20c873c57afd47b985b0adf0baeea6fca7738d55aad0d7";
/// SHA-256 of 2,000 more of the same micro-grid.
pub const EXTRA_SHA256: &str = "4a3ef19e494d8b6d6663a84a1f9bf639276357531da5fe231a94bbe8c7962f0c";
/// Homes of a micro-grid.
pub const HOUSEHOLDS_COUNT: usize = 40;

/// A visit of the workload. Field order is the order of the JSON.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WorkloadVisit {
    /// UUIDv4.
    pub id: Uuid,
    /// One of forty.
    pub household_id: Uuid,
    /// The area.
    pub micro_grid_id: Uuid,
    /// The author.
    pub manager_id: Uuid,
    /// RFC 3339.
    pub visited_at: String,
    /// One of six.
    pub kind: String,
    /// One to three of six.
    pub roles: Vec<String>,
    /// Eighty Chinese characters.
    pub note: String,
    /// One in five.
    pub needs_follow_up: bool,
    /// Six decimals.
    pub location: Point,
    /// RFC 3339.
    pub updated_at: String,
}

/// A point.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Point {
    /// Degrees north.
    pub lat: f64,
    /// Degrees east.
    pub lon: f64,
}

/// The workload: one micro-grid, one manager.
pub struct Workload {
    /// The micro-grid's homes.
    pub households: Vec<Uuid>,
    /// The micro-grid.
    pub micro_grid: Uuid,
    /// Its manager.
    pub manager: Uuid,
    /// 2,000 visits.
    pub visits: Vec<WorkloadVisit>,
    /// 2,000 more.
    pub extra: Vec<WorkloadVisit>,
}

const WORDS: &str = "走访 入户 独居 老人 儿童 租户 房东 邻里 纠纷 调解 低保 医保 社保 残疾 慢病 用药 体检 疫苗 孕妇 就业 \
     失业 培训 创业 困难 补助 申请 材料 证明 登记 核实 信息 更新 电话 联系 无人 在家 外出 返乡 务工 学生 \
     学校 放学 接送 安全 消防 隐患 电线 老化 燃气 阀门 堵塞 通道 杂物 楼道 电动 充电 违规 整改 复查 完成 \
     反映 噪音 施工 垃圾 分类 清运 路灯 损坏 维修 物业 水管 停水 停电 积水 下水 井盖 绿化 停车 占用 车位 \
     宠物 防疫 宣传 反诈 提醒 网络 贷款 投票 选举 党员 志愿 服务 关爱 心理 情绪 稳定 家庭 和睦 满意 跟进";
const RARE: &str = "漏水";
const KINDS: [&str; 6] = ["routine", "elderly", "safety", "dispute", "newcomer", "welfare"];
const ROLES: [&str; 6] = ["grid_manager", "police", "nurse", "volunteer", "party_member", "lawyer"];

/// splitmix64: the same numbers in any language.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }
    fn uuid(&mut self) -> Uuid {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.next().to_be_bytes());
        bytes[8..].copy_from_slice(&self.next().to_be_bytes());
        bytes[6] = (bytes[6] & 0x0F) | 0x40;
        bytes[8] = (bytes[8] & 0x3F) | 0x80;
        Uuid::from_bytes(bytes)
    }
    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len() as u64) as usize]
    }
}

/// Makes the workload and checks it.
///
/// # Errors
/// When a hash is not the one that other systems were measured with.
pub fn workload() -> Result<Workload, String> {
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let mut grid = Numbers(0x6B1D_0000);
    let micro_grid = grid.uuid();
    let households: Vec<Uuid> = (0..HOUSEHOLDS_COUNT).map(|_| grid.uuid()).collect();
    let manager = grid.uuid();
    let many = |seed: u64| -> Vec<WorkloadVisit> {
        let mut numbers = Numbers(seed);
        let place = (micro_grid, households.as_slice(), manager);
        (0..2000).map(|at| visit(&mut numbers, at, place, &words)).collect()
    };
    let (visits, extra) = (many(20_261_121), many(20_261_122));
    check(&visits, W2000_SHA256)?;
    check(&extra, EXTRA_SHA256)?;
    Ok(Workload { households, micro_grid, manager, visits, extra })
}

/// So many notes, made as those of the workload are: eighty Chinese characters each, the rare word in one of a hundred.
pub fn notes(seed: u64, count: usize) -> Vec<String> {
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let mut numbers = Numbers(seed);
    let place = (Uuid::nil(), [Uuid::nil(); HOUSEHOLDS_COUNT], Uuid::nil());
    (0..count).map(|at| visit(&mut numbers, at, (place.0, &place.1, place.2), &words).note).collect()
}

fn visit(
    numbers: &mut Numbers,
    at: usize,
    (micro_grid_id, households, manager_id): (Uuid, &[Uuid], Uuid),
    words: &[&str],
) -> WorkloadVisit {
    const WORDS_PER_NOTE: usize = 40;
    let mut note: Vec<&str> = (0..WORDS_PER_NOTE).map(|_| numbers.pick(words)).collect();
    if at % 100 == 37 {
        note[numbers.below(WORDS_PER_NOTE as u64) as usize] = RARE;
    }
    let visited_s = 86_400 * 60 + numbers.below(86_400 * 200);
    let roles_count = 1 + numbers.below(3) as usize;
    let mut roles: Vec<String> = Vec::new();
    while roles.len() < roles_count {
        let role = numbers.pick(&ROLES).to_owned();
        if !roles.contains(&role) {
            roles.push(role);
        }
    }
    WorkloadVisit {
        id: numbers.uuid(),
        household_id: households[at % HOUSEHOLDS_COUNT],
        micro_grid_id,
        manager_id,
        visited_at: in_2026(visited_s),
        kind: numbers.pick(&KINDS).to_owned(),
        roles,
        note: note.concat(),
        needs_follow_up: numbers.below(5) == 0,
        location: Point {
            lat: (30_200_000 + numbers.below(100_000)) as f64 / 1e6,
            lon: (120_100_000 + numbers.below(100_000)) as f64 / 1e6,
        },
        updated_at: in_2026(visited_s + numbers.below(3600)),
    }
}

/// So many seconds after the start of 2026, UTC.
fn in_2026(seconds: u64) -> String {
    const START_OF_2026_S: i64 = 1_767_225_600;
    zoufang_domain::calendar::Moment::from_ms((START_OF_2026_S + seconds as i64) * 1000).to_string()
}

/// The visits as lines of compact JSON.
pub fn json_lines(visits: &[WorkloadVisit]) -> String {
    visits.iter().map(|visit| serde_json::to_string(visit).expect("a visit serialises") + "\n").collect()
}

fn check(visits: &[WorkloadVisit], expected: &str) -> Result<(), String> {
    let found: String = Sha256::digest(json_lines(visits)).iter().map(|byte| format!("{byte:02x}")).collect();
    if found == expected { Ok(()) } else { Err(format!("the workload hashes to {found}, not {expected}")) }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_workload_is_the_one_that_others_were_measured_with() {
        assert!(super::workload().is_ok());
    }
}
