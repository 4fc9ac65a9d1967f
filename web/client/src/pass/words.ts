/**
 * The words of the check phrase: 256 things with a name in Vietnamese and one in English, in an order that is part of
 * the format. Within a language no two sound alike, with tones and vowel marks left out, and with the sounds that
 * dialects merge (tr/ch, s/x, gi/d/r/v, l/n, final ng/n and c/t) taken for one; `phrase.test.ts` holds the list to it.
 */

export interface Word {
  readonly vi: string;
  readonly en: string;
}

const PAIRS = `
máy bay=airplane, sân bay=airport, mỏ neo=anchor, kiến=ant, táo=apple, rìu=axe, ba lô=backpack, cầu lông=badminton,
túi=bag, khinh khí cầu=balloon, tre=bamboo, chuối=banana, pin=battery, gấu=bear, ong=bee, xe đạp=bicycle,
ống nhòm=binoculars, chim=bird, xương=bone, chai=bottle, hộp=box, bánh mì=bread, cầu=bridge, chổi=broom, nâu=brown,
bàn chải=brush, xô=bucket, xe buýt=bus, bướm=butterfly, cúc áo=button, xương rồng=cactus, lịch=calendar,
lạc đà=camel, máy ảnh=camera, nến=candle, kẹo=candy, thảm=carpet, cà rốt=carrot, lâu đài=castle, mèo=cat,
ghế=chair, phô mai=cheese, đầu bếp=chef, cờ vua=chess, gà=chicken, sô cô la=chocolate, quế=cinnamon, đồng hồ=clock,
mây=cloud, cà phê=coffee, la bàn=compass, máy tính=computer, đồng=copper, san hô=coral, ngô=corn, bò=cow, cua=crab,
cá sấu=crocodile, cốc=cup, tủ=cupboard, đập=dam, hươu=deer, sa mạc=desert, kim cương=diamond, khủng long=dinosaur,
bác sĩ=doctor, chó=dog, búp bê=doll, cá heo=dolphin, chuồn chuồn=dragonfly, ngăn kéo=drawer, trống=drum, vịt=duck,
sầu riêng=durian, đại bàng=eagle, trứng=egg, voi=elephant, phong bì=envelope, tẩy=eraser, mắt=eye, quạt=fan,
nông dân=farmer, lông vũ=feather, hàng rào=fence, lửa=fire, đom đóm=firefly, pháo hoa=firework, cá=fish,
hoa=flower, sáo=flute, bóng đá=football, rừng=forest, ếch=frog, băng=frost, tỏi=garlic, gừng=ginger, kính=glasses,
găng=glove, dê=goat, nho=grape, châu chấu=grasshopper, ổi=guava, búa=hammer, rơm=hay, tim=heart, hà mã=hippo,
mật ong=honey, ngựa=horse, móng ngựa=horseshoe, bệnh viện=hospital, sắt=iron, đảo=island, mít=jackfruit, ấm=kettle,
chìa khóa=key, bàn phím=keyboard, diều=kite, thang=ladder, đèn=lamp, đèn lồng=lantern, lá=leaf, chanh=lemon,
thư viện=library, hải đăng=lighthouse, chớp=lightning, sư tử=lion, sen=lotus, nam châm=magnet, xoài=mango,
măng cụt=mangosteen, bản đồ=map, mặt nạ=mask, sữa=milk, gương=mirror, khỉ=monkey, mặt trăng=moon, muỗi=mosquito,
xe máy=motorbike, núi=mountain, miệng=mouth, nấm=mushroom, kim=needle, tổ chim=nest, báo=newspaper, phở=noodle,
biển=ocean, bạch tuộc=octopus, hành=onion, cam=orange, cú=owl, khóa=padlock, chùa=pagoda, họa sĩ=painter,
gấu trúc=panda, đu đủ=papaya, công=peacock, đậu phộng=peanut, ngọc=pearl, bút=pen, bút chì=pencil,
cánh cụt=penguin, hạt tiêu=peppercorn, lợn=pig, bồ câu=pigeon, gối=pillow, thông=pine, đĩa=plate, cày=plough,
mận=plum, bưởi=pomelo, nồi=pot, khoai=potato, bí ngô=pumpkin, kim tự tháp=pyramid, thỏ=rabbit, đường ray=rails,
mưa=rain, cầu vồng=rainbow, tê giác=rhinoceros, gạo=rice, nhẫn=ring, sông=river, tên lửa=rocket, hoa hồng=rose,
thước=ruler, yên ngựa=saddle, thủy thủ=sailor, cát=sand, xúc xích=sausage, khăn=scarf, trường=school,
bọ cạp=scorpion, con dấu=seal, cá mập=shark, cừu=sheep, vỏ sò=shell, áo=shirt, giày=shoe, tôm=shrimp, bạc=silver,
khói=smoke, ốc=snail, rắn=snake, tuyết=snow, tất=sock, đất=soil, lính=soldier, canh=soup, mì=spaghetti,
nhện=spider, thìa=spoon, sóc=squirrel, cầu thang=stairs, tem=stamp, ngôi sao=star, nhà ga=station, gậy=stick,
đá=stone, cò=stork, dâu=strawberry, suối=stream, tàu ngầm=submarine, đường=sugar, va li=suitcase, mặt trời=sun,
hướng dương=sunflower, bình minh=sunrise, trà=tea, điện thoại=telephone, ti vi=television, lều=tent,
nhiệt kế=thermometer, chỉ=thread, sấm=thunder, hổ=tiger, cà chua=tomato, máy cày=tractor, kho báu=treasure,
quần=trousers, xe tải=truck, kèn=trumpet, hầm=tunnel, rùa=turtle, giấm=vinegar, vĩ cầm=violin, núi lửa=volcano,
tường=wall, ví=wallet, nước=water, thác=waterfall, dưa hấu=watermelon, bánh xe=wheel, gió=wind, cối xay=windmill,
cửa sổ=window, ngựa vằn=zebra
`;

export const WORDS: readonly Word[] = PAIRS.trim().split(/,\s+/).map((pair) => {
  const [vi = "", en = ""] = pair.split("=");
  return { vi, en };
});
