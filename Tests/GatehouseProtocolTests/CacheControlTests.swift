import GatehouseProtocol
import Testing

@Suite struct `What an answer says about keeping it` {
    @Test(arguments: [
        (["max-age=60"], 60), (["public, MAX-AGE=60 , immutable"], 60), (["max-age=0"], 0),
        (["no-store"], 0), (["max-age=60, no-cache"], 0), (["max-age=60", "no-store"], 0),
        (["no-cache=\"set-cookie\", max-age=60"], 0), (["max-age=31536000"], 31_536_000),
    ])
    func `is read`(_ lines: [String], _ seconds: Int) {
        #expect(CacheControl(lines).freshness == Int64(seconds))
    }

    @Test(arguments: [
        [], [""], ["public"], ["max-age"], ["max-age="], ["max-age=-1"], ["max-age=+1"],
        ["max-age=1.5"], ["max-age=\"60\""], ["max-age= 60"], ["max-age=060"],
        ["max-age=99999999999999999999"], ["max-age=31536001"], ["s-maxage=60"],
        ["max-age=60, max-age=61"], ["x-max-age=60"], ["max-age=６０"],
    ])
    func `says nothing where it cannot be read`(_ lines: [String]) {
        #expect(CacheControl(lines).freshness == nil)
    }
}
